//! The distributions that tests are judged by.

use std::f64::consts::PI;

/// Returns the probability that Student's t is at least this far from 0, either way.
///
/// By the regularised incomplete beta function: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1.
pub(crate) fn student_two_sided(t: f64, degrees_of_freedom: f64) -> f64 {
    if t.is_nan() {
        return 1.0;
    }
    let x = degrees_of_freedom / t.mul_add(t, degrees_of_freedom);
    incomplete_beta(x, degrees_of_freedom / 2.0, 0.5)
}

/// Returns the t that is exceeded, either way, with this probability, which is small.
///
/// By Newton's method, from below: the tail is convex, so that it is never overshot.
pub(crate) fn student_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    let half = degrees_of_freedom / 2.0;
    let height = (ln_gamma(half + 0.5) - ln_gamma(half)).exp() / (PI * degrees_of_freedom).sqrt();
    let mut t = 1.0;
    for _ in 0..100 {
        let density = height * (1.0 + t * t / degrees_of_freedom).powf(-half - 0.5);
        let step = (student_two_sided(t, degrees_of_freedom) - probability) / (2.0 * density);
        t += step;
        if step.abs() < 1e-10 * t {
            break;
        }
    }
    t
}

/// Returns the regularised incomplete beta function of `x`.
///
/// By its continued fraction, evaluated as Lentz does: Press et al., Numerical Recipes, 3rd edition, 6.4.
pub(crate) fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let logarithm =
        a.mul_add(x.ln(), b * (-x).ln_1p()) + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let front = logarithm.exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

#[expect(clippy::many_single_char_names, reason = "those of the book")]
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..300 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(even.mul_add(d, 1.0));
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(odd.mul_add(d, 1.0));
        c = away_from_zero(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-14 {
            break;
        }
    }
    fraction
}

/// Returns the logarithm of the gamma function of a positive number.
///
/// Lanczos' approximation with g = 7 and nine terms (Godfrey's coefficients), good to 15 digits.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (PI / (PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let mut sum = TERMS[0];
    for (term, offset) in TERMS[1..].iter().zip(1_u8..) {
        sum += term / (x + f64::from(offset));
    }
    let t = x + 7.5;
    (x + 0.5).mul_add(t.ln(), 0.5 * (2.0 * PI).ln()) - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_close(actual: f64, expected: f64) {
        let error = (actual / expected - 1.0).abs();
        assert!(error < 1e-6, "{actual} instead of {expected}");
    }

    /// The values are those of `SciPy` 1.17.
    #[test]
    fn tails_are_those_of_another_program() {
        assert_close(student_two_sided(2.0, 10.0), 0.073_388_034_771);
        assert_close(student_two_sided(12.706_204_736, 1.0), 0.05);
        assert_close(student_two_sided(-6.0, 30.0), 1.394_276_876_72e-6);
        assert_close(ln_gamma(0.5), 0.572_364_942_924_7);
        assert_close(ln_gamma(100.0), 359.134_205_369_575_4);
        assert_close(student_quantile(0.05, 10.0), 2.228_138_851_96);
        assert_close(student_quantile(0.05, 1.0), 12.706_204_736);
    }
}
