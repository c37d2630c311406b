"""cutaway.toml: found upwards, and one sentence for each way in which it can be wrong."""

import os

import pytest

from cutaway.workshop import project
from cutaway.workshop.errors import Trouble


def write(folder, text, mode="w"):
    with open(folder / "cutaway.toml", mode) as file:
        file.write(text)
    return folder


def test_a_project_is_found_from_a_folder_inside_it(tmp_path):
    write(tmp_path, 'topic = "tcp"\nbuild = "go build -o \'my server\' ."\nrun = "./s --x"\n')
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    found = project.find(inside)
    assert found.folder == tmp_path.resolve()
    assert found.topic == "tcp"
    assert found.command.run == ("./s", "--x")
    assert found.command.build == ("go", "build", "-o", "my server", ".")


def test_the_nearest_cutaway_toml_counts(tmp_path):
    write(tmp_path, 'topic = "tcp"\nrun = "outer"\n')
    (tmp_path / "in").mkdir()
    write(tmp_path / "in", 'topic = "tcp"\nrun = "inner"\n')
    assert project.find(tmp_path / "in").command.run == ("inner",)


WRONG = [
    ("", "does not say the topic"),
    ('topic = "tcp"', "does not say how the program is run"),
    ('topic = "tpc"\nrun = "x"', "There is no topic 'tpc'. Did you mean tcp?"),
    ('topic = "tcp"\nrun = "x"\nbuld = "y"', "unknown key 'buld'. Did you mean build?"),
    ('topic = "tcp"\nrun = "x"\nzzz = 1', "It knows topic, build and run"),
    ('topic = "tcp"\nrun = 5', "run is a number, and must be text"),
    ('topic = "tcp"\nrun = ["a"]', "run is a list, and must be text"),
    ('topic = 1979-05-27\nrun = "a"', "topic is a date, and must be text"),
    ('topic = true\nrun = "a"', "topic is true or false, and must be text"),
    ('run = "a"\n[topic]', "topic is a table, and must be text"),
    ('topic = "tcp"\nrun = " "', "run is empty"),
    ('topic = "tcp"\nrun = "a"\nbuild = ""', "build is empty. Leave it out"),
    ('topic = "tcp"\nrun = "it\'s"', "a quote is opened and never closed"),
    ('topic = "tcp"\nrun = ./server', "cannot be read, line 2: invalid value"),
    ('topic = "tcp', "cannot be read, line 1: "),
    ('topic = "tcp"\ntopic = "tcp"', "cannot be read, line 2: cannot overwrite a value"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_what_is_wrong_with_the_file_is_one_sentence(tmp_path, text, says):
    with pytest.raises(Trouble) as caught:
        project.find(write(tmp_path, text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.code == 2


def test_a_folder_without_one_says_where_to_begin(tmp_path):
    with pytest.raises(Trouble, match="Begin a project with `cutaway start TOPIC`"):
        project.find(tmp_path)


def test_bytes_that_are_no_text_are_said_to_be_none(tmp_path):
    write(tmp_path, b"\xff\xfe", "wb")
    with pytest.raises(Trouble, match="not text in UTF-8"):
        project.find(tmp_path)


def test_a_folder_of_that_name_is_said_to_be_one(tmp_path):
    (tmp_path / "cutaway.toml").mkdir()
    with pytest.raises(Trouble, match="is a folder"):
        project.find(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path):
    write(tmp_path, "")
    (tmp_path / "cutaway.toml").chmod(0)
    with pytest.raises(Trouble, match="cannot be read: Permission denied"):
        project.find(tmp_path)
