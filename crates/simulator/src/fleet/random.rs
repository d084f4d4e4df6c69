//! Randomness that follows from a seed: no state, no order.

/// A number from a seed and what it is for: SplitMix64 (Steele, Lea, Flood 2014).
pub(super) fn hash(seed: u64, what: u64) -> u64 {
    let mut mixed = seed.wrapping_add(what.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Uniform in 0..1.
pub(super) fn unit(seed: u64, what: u64) -> f64 {
    (hash(seed, what) >> 11) as f64 / (1_u64 << 53) as f64
}

/// One of the choices.
pub(super) fn choose<T: Copy>(seed: u64, what: u64, choices: &[T]) -> T {
    choices[(hash(seed, what) % choices.len() as u64) as usize]
}

/// A line of such numbers, for what happens one after the other.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    seed: u64,
    thrown: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, thrown: 0 }
    }

    /// Uniform in 0..1.
    pub(super) fn throw(&mut self) -> f64 {
        self.thrown += 1;
        unit(self.seed, self.thrown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_and_follow_from_the_seed() {
        let numbers: Vec<f64> = (0..10_000).map(|what| unit(7, what)).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        assert!((0.49..0.51).contains(&mean), "{mean}");
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        assert_eq!(unit(7, 42).to_bits(), unit(7, 42).to_bits());
        assert_ne!(hash(7, 42), hash(8, 42));
        let mut dice = Dice::new(1);
        assert_ne!(dice.throw().to_bits(), dice.throw().to_bits());
    }
}
