//! Which instructions kernels may use: for every architecture a ladder of levels, each with what the levels below it
//! need.
//!
//! Kernels take the highest level that the processor has. The environment variable [`VARIABLE`], read once, lowers
//! it for a whole process: tests and users that doubt a level compare answers without it. A level that does not
//! exist or that the processor lacks is not obeyed, and [`Chosen::refused`] says why.

use std::sync::OnceLock;

/// The environment variable that lowers the level.
pub const VARIABLE: &str = "ELANUS_ISA";

/// A set of instructions. A further architecture adds its levels here and to [`Level::ALL`], with a module beside the
/// others wherever there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What the compiler takes for granted on this architecture.
    Scalar,
    /// NEON, of 64-bit ARM processors.
    Neon,
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
    /// Every level of this architecture, lowest first.
    pub const ALL: &[Level] = match () {
        () if cfg!(target_arch = "x86_64") => &[Level::Scalar, Level::Avx2, Level::Avx512],
        () if cfg!(target_arch = "aarch64") => &[Level::Scalar, Level::Neon],
        () => &[Level::Scalar],
    };

    /// The name in the environment variable.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Scalar => "scalar",
            Level::Neon => "neon",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    /// Finds a level of this architecture by its name, in any case.
    pub fn parse(name: &str) -> Option<Level> {
        Level::ALL.iter().copied().find(|level| level.name().eq_ignore_ascii_case(name))
    }

    /// Whether this processor has it.
    pub fn is_supported(self) -> bool {
        Level::ALL.contains(&self) && self <= Level::highest()
    }

    /// This level, or the highest one below it that this processor has.
    pub fn or_below(self) -> Level {
        Level::supported().take_while(|level| *level <= self).last().unwrap_or(Level::Scalar)
    }

    /// The highest level of this processor, whatever the variable says.
    pub fn highest() -> Level {
        static HIGHEST: OnceLock<Level> = OnceLock::new();
        *HIGHEST.get_or_init(detect)
    }

    /// The levels of this processor, lowest first.
    pub fn supported() -> impl Iterator<Item = Level> {
        Level::ALL.iter().copied().filter(|level| level.is_supported())
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
            let names: Vec<&str> = Level::ALL.iter().copied().map(Level::name).collect();
            let names = names.join(", ");
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

#[cfg(target_arch = "aarch64")]
fn detect() -> Level {
    if std::arch::is_aarch64_feature_detected!("neon") { Level::Neon } else { Level::Scalar }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn detect() -> Level {
    Level::Scalar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_obeyed_or_refused_by_name() {
        for (at, highest) in Level::ALL.iter().copied().enumerate() {
            assert_eq!(choose(None, highest).level, highest);
            assert_eq!(choose(Some(""), highest), Chosen { level: highest, refused: None });
            assert_eq!(choose(Some(" Scalar "), highest), Chosen { level: Level::Scalar, refused: None });
            for level in Level::ALL.iter().copied() {
                let chosen = choose(Some(level.name()), highest);
                assert_eq!(chosen.level, level.min(highest));
                let lacking = format!("{} at most", highest.name());
                let why = chosen.refused.unwrap_or_default();
                assert_eq!(
                    (why.contains(&lacking), why.contains(level.name())),
                    (level > highest, level > highest)
                );
            }
            let unknown = choose(Some("sse9"), highest);
            assert_eq!(unknown.level, highest);
            let why = unknown.refused.expect("refused");
            assert!(why.contains("sse9") && why.contains(Level::ALL[at].name()), "{why}");
        }
    }

    #[test]
    fn a_level_of_another_architecture_is_lowered_to_one_of_this() {
        for level in [Level::Scalar, Level::Neon, Level::Avx2, Level::Avx512] {
            let usable = level.or_below();
            assert!(usable <= level && usable.is_supported(), "{level:?} {usable:?}");
            assert_eq!(level.is_supported(), usable == level);
            assert_eq!(Level::parse(level.name()), Level::ALL.contains(&level).then_some(level));
        }
    }
}
