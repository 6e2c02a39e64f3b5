//! What things may be called.

use crate::validate::{Limits, invalid};
use elanus_types::{Error, ErrorKind, Result};

/// Names that belong to the system and may not be given to fields.
pub const RESERVED_FIELDS: &[&str] = &["RowID", "Timestamp", "$meta", "$namespace_id", "__virtual_pk__"];

/// What is wrong with a name.
enum Fault {
    Empty,
    TooLong,
    FirstCharacter,
    Character,
}

/// First a letter or `_`, then letters, digits and `_`; for partitions digits may come first and `-` later.
fn fault(name: &str, longest: usize, partition: bool) -> Option<Fault> {
    let Some(first) = name.chars().next() else { return Some(Fault::Empty) };
    let starts = |c: char| c == '_' || c.is_ascii_alphabetic() || (partition && c.is_ascii_digit());
    let continues = |c: char| c == '_' || c.is_ascii_alphanumeric() || (partition && c == '-');
    if name.len() > longest {
        Some(Fault::TooLong)
    } else if !starts(first) {
        Some(Fault::FirstCharacter)
    } else if !name.chars().all(continues) {
        Some(Fault::Character)
    } else {
        None
    }
}

fn named(kind: &str, name: &str, limits: &Limits) -> Result<()> {
    let longest = limits.name_length;
    let text = match fault(name, longest, false) {
        None => return Ok(()),
        Some(Fault::Empty) => return Err(invalid(format!("{kind} name should not be empty"))),
        Some(Fault::TooLong) => {
            format!("the length of a {kind} name must be less than {longest} characters")
        }
        Some(Fault::FirstCharacter) => {
            format!("the first character of a {kind} name must be an underscore or letter")
        }
        Some(Fault::Character) => format!("{kind} name can only contain numbers, letters and underscores"),
    };
    Err(invalid(format!("Invalid {kind} name: {name}.  {text}")))
}

/// A collection's name.
pub fn collection(name: &str, limits: &Limits) -> Result<()> {
    named("collection", name, limits)
}

/// An alias.
pub fn alias(name: &str, limits: &Limits) -> Result<()> {
    named("alias", name, limits)
}

/// A database's name (code 802).
pub fn database(name: &str, limits: &Limits) -> Result<()> {
    let longest = limits.name_length;
    let text = match fault(name, longest, false) {
        None => return Ok(()),
        Some(Fault::Empty) => "database name couldn't be empty".to_owned(),
        Some(Fault::TooLong) => {
            format!("the length of a database name must be less than {longest} characters")
        }
        Some(Fault::FirstCharacter) => {
            "the first character of a database name must be an underscore or letter".to_owned()
        }
        Some(Fault::Character) => {
            "database name can only contain numbers, letters and underscores".to_owned()
        }
    };
    let message = format!("{text}: invalid database name[database={name}]");
    Err(Error::new(ErrorKind::InvalidDatabaseName, message))
}

/// A field's name (code 1701); names of system fields are refused too.
pub fn field(name: &str, limits: &Limits) -> Result<()> {
    let longest = limits.name_length;
    let text = match fault(name, longest, false) {
        _ if RESERVED_FIELDS.contains(&name) => {
            format!("Invalid field name: {name}. The name is reserved for a system field.")
        }
        None => return Ok(()),
        Some(Fault::Empty) => "field name should not be empty".to_owned(),
        Some(Fault::TooLong) => format!(
            "Invalid field name: {name}. The length of a field name must be less than {longest} characters."
        ),
        Some(Fault::FirstCharacter) => format!(
            "Invalid field name: {name}. The first character of a field name must be an underscore or letter."
        ),
        Some(Fault::Character) => format!(
            "Invalid field name: {name}. Field name can only contain numbers, letters, and underscores."
        ),
    };
    Err(Error::new(ErrorKind::InvalidFieldName, format!("{text}: field name invalid[field={name}]")))
}

/// An index's name; blank is legal and means the default name.
pub fn index(name: &str, limits: &Limits) -> Result<()> {
    let longest = limits.name_length;
    let text = match fault(name, longest, false) {
        None | Some(Fault::Empty) => return Ok(()),
        Some(Fault::TooLong) => format!("The length of a index name must be less than {longest} characters."),
        Some(Fault::FirstCharacter) => {
            "The first character of a index name must be an underscore or letter.".to_owned()
        }
        Some(Fault::Character) => "Index name can only contain numbers, letters, and underscores.".to_owned(),
    };
    Err(invalid(format!("Invalid index name: {name}. {text}")))
}

/// A partition's name.
pub fn partition(name: &str, limits: &Limits) -> Result<()> {
    let longest = limits.name_length;
    let text = match fault(name, longest, true) {
        None => return Ok(()),
        Some(Fault::Empty) => "Partition name should not be empty.".to_owned(),
        Some(Fault::TooLong) => {
            format!("The length of a partition name must be less than {longest} characters.")
        }
        Some(Fault::FirstCharacter) => {
            "The first character of a partition name must be an underscore or letter.".to_owned()
        }
        Some(Fault::Character) => {
            "Partition name can only contain numbers, letters and underscores.".to_owned()
        }
    };
    Err(invalid(format!("Invalid partition name: {name}. {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<()>) -> String {
        result.map_or_else(|error| format!("{} {}", error.kind().code(), error.message()), |()| "ok".into())
    }

    #[test]
    fn says_what_is_wrong_with_a_name() {
        let limits = Limits::default();
        let long = "a".repeat(256);
        assert_eq!(message(collection("_a1", &limits)), "ok");
        assert_eq!(message(collection(&long[1..], &limits)), "ok");
        assert_eq!(
            message(collection("1a", &limits)),
            "1100 Invalid collection name: 1a.  the first character of a collection name must be an underscore or letter: invalid parameter"
        );
        assert_eq!(
            message(collection("a-b", &limits)),
            "1100 Invalid collection name: a-b.  collection name can only contain numbers, letters and underscores: invalid parameter"
        );
        assert!(message(collection(&long, &limits)).ends_with(
            ".  the length of a collection name must be less than 255 characters: invalid parameter"
        ));
        assert_eq!(
            message(collection("", &limits)),
            "1100 collection name should not be empty: invalid parameter"
        );
        assert_eq!(
            message(alias("a b", &limits)),
            "1100 Invalid alias name: a b.  alias name can only contain numbers, letters and underscores: invalid parameter"
        );
        assert_eq!(
            message(database("1", &limits)),
            "802 the first character of a database name must be an underscore or letter: invalid database name[database=1]"
        );
    }

    #[test]
    fn fields_indexes_and_partitions_have_their_own_texts() {
        let limits = Limits::default();
        assert_eq!(message(field("a1", &limits)), "ok");
        assert_eq!(
            message(field("1a", &limits)),
            "1701 Invalid field name: 1a. The first character of a field name must be an underscore or letter.: field name invalid[field=1a]"
        );
        assert!(message(field("$meta", &limits)).starts_with("1701 Invalid field name: $meta. "));
        assert!(message(field("RowID", &limits)).starts_with("1701 Invalid field name: RowID. "));
        assert_eq!(message(index("", &limits)), "ok");
        assert_eq!(
            message(index("a%", &limits)),
            "1100 Invalid index name: a%. Index name can only contain numbers, letters, and underscores.: invalid parameter"
        );
        assert_eq!(message(partition("2024-01", &limits)), "ok");
        assert_eq!(
            message(partition("-1", &limits)),
            "1100 Invalid partition name: -1. The first character of a partition name must be an underscore or letter.: invalid parameter"
        );
        assert_eq!(
            message(partition("", &limits)),
            "1100 Invalid partition name: . Partition name should not be empty.: invalid parameter"
        );
    }
}
