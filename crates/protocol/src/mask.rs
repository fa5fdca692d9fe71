/// Hides a name but for the first and last letter of each part: `김철수` is `김*수`, `이산` is `이*`, `Chris Kim` is
/// `C**** K**`.
///
/// One Hangul name keeps its last letter, by which desks call people; a Latin word keeps only its first.
#[must_use]
pub fn mask_name(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(mask_word).collect();
    words.join(" ")
}

fn mask_word(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let keeps_last = letters.len() > 2 && !word.is_ascii();
    let last = letters.len().saturating_sub(1);
    letters
        .iter()
        .enumerate()
        .map(|(at, &letter)| {
            if at == 0 && letters.len() > 1 || at == last && keeps_last {
                letter
            } else {
                '*'
            }
        })
        .collect()
}

/// Hides a phone number but for its first group and its last 4 digits, by which desks identify:
/// `010-1111-2222` is `010-****-2222`, `+82 10-1111-2222` is `+82 10-****-2222`.
///
/// A number written without separators keeps 3 digits in front.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let last_kept = digits.saturating_sub(4);
    let first_kept = leading_kept(phone).min(last_kept.saturating_sub(1));
    let mut seen = 0;
    phone
        .chars()
        .map(|c| {
            if !c.is_ascii_digit() {
                return c;
            }
            seen += 1;
            if seen > first_kept && seen <= last_kept {
                '*'
            } else {
                c
            }
        })
        .collect()
}

/// How many leading digits tell only the network: the first group, and the second after a country code.
fn leading_kept(phone: &str) -> usize {
    let is_separator = |c: char| !c.is_ascii_digit() && c != '+';
    let groups: Vec<usize> = phone
        .split(is_separator)
        .map(|g| g.chars().filter(char::is_ascii_digit).count())
        .filter(|&n| n > 0)
        .collect();
    match groups.as_slice() {
        [] | [_] => 3,
        [country, network, ..] if phone.trim_start().starts_with('+') && groups.len() > 2 => {
            country + network
        }
        [first, ..] => (*first).min(4),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_hide_their_middle() {
        for (name, masked) in [
            ("김철수", "김*수"),
            ("김크리스", "김**스"),
            ("이산", "이*"),
            ("남궁민수", "남**수"),
            ("Chris Kim", "C**** K**"),
            ("  Chris   Kim ", "C**** K**"),
            ("김", "*"),
            ("", ""),
        ] {
            assert_eq!(mask_name(name), masked);
        }
    }

    #[test]
    fn phones_keep_network_and_last_four() {
        for (phone, masked) in [
            ("010-1111-2222", "010-****-2222"),
            ("02-123-4567", "02-***-4567"),
            ("+82 10-1111-2222", "+82 10-****-2222"),
            ("01011112222", "010****2222"),
            ("(02) 123-4567", "(02) ***-4567"),
            ("1234567", "12*4567"),
        ] {
            assert_eq!(mask_phone(phone), masked);
        }
    }

    proptest! {
        #[test]
        fn a_phone_always_hides_a_digit_and_shows_its_last_four(phone in "\\+?[0-9]{2,3}[- ]?[0-9]{3,4}[- ]?[0-9]{4}") {
            let masked = mask_phone(&phone);
            prop_assert!(masked.contains('*'));
            prop_assert_eq!(&masked[masked.len() - 4..], &phone[phone.len() - 4..]);
            prop_assert_eq!(masked.chars().count(), phone.chars().count());
        }

        #[test]
        fn a_name_never_passes_unmasked(name in "\\PC{1,40}") {
            prop_assume!(!name.trim().is_empty());
            prop_assert!(mask_name(&name).contains('*'));
        }
    }
}
