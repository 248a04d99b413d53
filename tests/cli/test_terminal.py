"""Words from outside cannot steer the terminal."""

from services.cli.terminal import plain


def test_escape_sequences_are_shown_and_do_nothing():
    assert plain("\x1b[31m灯\x07\x9b").plain == "<U+001B>[31m灯<U+0007><U+009B>"


def test_the_direction_of_writing_cannot_be_turned():
    assert plain("a\u202eb\u2066c").plain == "a<U+202E>b<U+2066>c"


def test_markup_is_text():
    assert plain("[bold]灯[/bold]").spans == []
    assert plain("[bold]灯[/bold]").plain == "[bold]灯[/bold]"


def test_lines_and_tabs_stay():
    assert plain("一\n二\t三").plain == "一\n二\t三"
