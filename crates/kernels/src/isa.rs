//! Which instructions kernels may use: a ladder of levels, each with what the levels below it need.
//!
//! Kernels take the highest level that the processor has. The environment variable [`VARIABLE`], read once, lowers
//! it for a whole process: tests and users that doubt a level compare answers without it. A level that does not
//! exist or that the processor lacks is not obeyed, and [`Chosen::refused`] says why.

use std::sync::OnceLock;

/// The environment variable that lowers the level.
pub const VARIABLE: &str = "ELANUS_ISA";

/// A set of instructions. Other architectures add theirs here, with a module beside those of this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What the compiler takes for granted on this architecture.
    Scalar,
    /// AVX2, FMA, F16C and POPCNT.
    Avx2,
    /// AVX-512 F, BW, DQ, VL, VNNI and VPOPCNTDQ.
    Avx512,
}

/// The level in use and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Kernels use this level.
    pub level: Level,
    /// Why the variable was not obeyed; `None` where it was, or is not set.
    pub refused: Option<String>,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Level; 3] = [Level::Scalar, Level::Avx2, Level::Avx512];

    /// The name in the environment variable.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Scalar => "scalar",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    /// Finds a level by its name, in any case.
    pub fn parse(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }

    /// Whether this processor has it.
    pub fn is_supported(self) -> bool {
        self <= Level::highest()
    }

    /// The highest level of this processor, whatever the variable says.
    pub fn highest() -> Level {
        static HIGHEST: OnceLock<Level> = OnceLock::new();
        *HIGHEST.get_or_init(detect)
    }

    /// The levels of this processor, lowest first.
    pub fn supported() -> impl Iterator<Item = Level> {
        Level::ALL.into_iter().filter(|level| level.is_supported())
    }

    /// The level in use.
    pub fn chosen() -> Level {
        chosen().level
    }
}

/// What is in use, and why.
pub fn chosen() -> &'static Chosen {
    static CHOSEN: OnceLock<Chosen> = OnceLock::new();
    CHOSEN.get_or_init(|| choose(std::env::var(VARIABLE).ok().as_deref(), Level::highest()))
}

fn choose(asked: Option<&str>, highest: Level) -> Chosen {
    let asked = asked.unwrap_or_default().trim();
    let refuse = |why: String| Chosen { level: highest, refused: Some(why) };
    match Level::parse(asked) {
        _ if asked.is_empty() => Chosen { level: highest, refused: None },
        Some(level) if level <= highest => Chosen { level, refused: None },
        Some(_) => refuse(format!("{VARIABLE}={asked}: this processor has {} at most", highest.name())),
        None => {
            let names = Level::ALL.map(Level::name).join(", ");
            refuse(format!("{VARIABLE}={asked}: no such level, there are {names}; using {}", highest.name()))
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    let avx2 = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c")
        && is_x86_feature_detected!("popcnt");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
        && is_x86_feature_detected!("avx512vpopcntdq");
    match (avx2, avx512) {
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2,
        (false, _) => Level::Scalar,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Scalar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_obeyed_or_refused_by_name() {
        let level = |asked, highest| choose(asked, highest).level;
        assert_eq!(level(None, Level::Avx2), Level::Avx2);
        assert_eq!(level(Some(""), Level::Avx2), Level::Avx2);
        assert_eq!(level(Some(" Scalar "), Level::Avx512), Level::Scalar);
        assert_eq!(choose(Some("avx2"), Level::Avx512), Chosen { level: Level::Avx2, refused: None });
        let lacking = choose(Some("avx512"), Level::Avx2);
        assert_eq!(lacking.level, Level::Avx2);
        assert!(lacking.refused.is_some_and(|why| why.contains("avx512") && why.contains("avx2 at most")));
        let unknown = choose(Some("sse9"), Level::Scalar);
        assert_eq!(unknown.level, Level::Scalar);
        assert!(
            unknown.refused.is_some_and(|why| why.contains("sse9") && why.contains("scalar, avx2, avx512"))
        );
    }
}
