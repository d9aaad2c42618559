//! Times as reports write them: RFC 3339, of which some leave the zone out.

/// Milliseconds since 1970; nothing, if it is no such time. Without a zone it is taken for UTC.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', ' '])?;
    let days = days(date)?;
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => (&rest[..at], offset(&rest[at..])?),
        None => (rest, 0),
    };
    let mut parts = clock.splitn(3, ':');
    let hours = number(parts.next()?, 24)?;
    let minutes = number(parts.next()?, 59)?;
    let (seconds, fraction) = match parts.next().unwrap_or("0").split_once('.') {
        Some((seconds, fraction)) => (number(seconds, 60)?, thousandths(fraction)?),
        None => (number(clock.rsplit(':').next()?, 60)?, 0),
    };
    Some((((days * 24 + hours) * 60 + minutes - offset) * 60 + seconds) * 1_000 + fraction)
}

fn number(text: &str, most: i64) -> Option<i64> {
    let is_digits =
        !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|number| is_digits && *number <= most)
}

fn thousandths(fraction: &str) -> Option<i64> {
    let three: String = fraction.chars().chain("000".chars()).take(3).collect();
    number(&three, 999)
}

/// East of Greenwich, in minutes.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return (zone.len() == 1).then_some(0),
    };
    let digits = zone[1..].replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    Some(sign * (number(hours, 23)? * 60 + number(minutes, 59)?))
}

/// Days since 1970 of a date in the Gregorian calendar, counted from the first of March, behind which all leap days are.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-');
    let year = number(parts.next()?, 9999)?;
    let month = number(parts.next()?, 12).filter(|month| *month > 0)?;
    let day = number(parts.next()?, 31).filter(|day| *day > 0)?;
    let year = if month <= 2 { year - 1 } else { year };
    let months_since_march = (month + 9) % 12;
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    Some(
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
            - 719_468,
    )
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        assert_eq!(milliseconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(
            milliseconds("2024-02-29T12:30:45.678+00:00"),
            Some(1_709_209_845_678)
        );
        assert_eq!(
            milliseconds("2024-02-29T13:30:45.6781+01:00"),
            Some(1_709_209_845_678)
        );
        assert_eq!(milliseconds("2024-02-29 12:30:45"), Some(1_709_209_845_000));
        for wrong in [
            "",
            "2024-13-01T00:00:00Z",
            "2024-02-29",
            "2024-02-29Tx:00:00",
            "2024-02-29T00:00:00+1",
            "é",
        ] {
            assert_eq!(milliseconds(wrong), None, "{wrong}");
        }
    }
}
