use std::time::Duration;

use super::fake_shell::Bench;
use crate::DeskRequest;

fn staff(bench: &Bench) -> Option<String> {
    bench.shell.screen().staff
}

#[test]
fn who_sits_here_is_told_until_the_hospitals_day_is_over() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::SetStaff(Some(" 이수진 ".to_owned())));
    assert_eq!(staff(&bench).as_deref(), Some("이수진"));
    assert_eq!(bench.desk.staff().as_deref(), Some("이수진"));
    // 11:00 in Seoul.
    bench
        .clock
        .advance(Duration::from_hours(13) - Duration::from_secs(1));
    bench.desk.settle();
    assert!(staff(&bench).is_some());
    bench.clock.advance(Duration::from_secs(1));
    bench.desk.settle();
    assert_eq!(staff(&bench), None);
}

#[test]
fn the_choice_outlives_a_restart_and_can_be_taken_back() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::SetStaff(Some("SJ".to_owned())));
    let mut bench = bench.crash();
    assert_eq!(staff(&bench).as_deref(), Some("SJ"));
    bench.obey(DeskRequest::SetStaff(None));
    assert_eq!(staff(&bench), None);
    assert_eq!(staff(&bench.crash()), None);
}

#[test]
fn a_desk_of_one_person_keeps_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let config = super::fake_shell::folders(&folder).config;
    std::fs::create_dir_all(&config).unwrap();
    let file = config.join("settings.toml");
    std::fs::write(&file, "[staff] # ours\nkeep = true\nname = \"SJ\"\n").unwrap();
    let mut bench = Bench::in_folder(folder);
    assert_eq!(staff(&bench).as_deref(), Some("SJ"));
    bench.obey(DeskRequest::SetStaff(Some("HY".to_owned())));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("[staff] # ours\nkeep = true\nname = \"HY\""),
        "{text}"
    );
}

#[test]
fn what_no_gateway_would_take_is_not_taken() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::SetStaff(Some("SJ".to_owned())));
    for wrong in ["", "  ", "960625-1111111", "a\nb", &"가".repeat(41)] {
        bench.obey(DeskRequest::SetStaff(Some(wrong.to_owned())));
        assert_eq!(staff(&bench).as_deref(), Some("SJ"), "{wrong}");
    }
}
