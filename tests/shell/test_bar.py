"""What the shell is held to, row by row, and the tests that show it.

Each row is one test in the output (`-v`): it fails when a test that it names does not exist, so
that a row cannot lose what shows it without anybody's noticing.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.telling import Tell

TESTS = Path(__file__).resolve().parents[1]

PROMPT = "shell/test_prompt.py"
OTHERS = "shell/test_other_ends.py"
ENGINE = "shell/test_engine.py"
LANGUAGE = "script/test_language.py"
PARSER = "script/test_parser.py"
LINES = "script/test_lines.py"
REHEARSAL = "script/test_rehearsal.py"
HELP = "verbs/test_help.py"
REFLEXES = "shell/test_reflexes.py"
STREAMS = "cli/test_streams.py"
CLI = "cli/test_command_line.py"
VERBS = "verbs/test_verbs.py"
SEEING = "verbs/test_seeing.py"
FAR = "verbs/test_rv_far_end.py"
LIMITED = "cli/test_limited_contact.py"
TAP = "bridge/test_tap.py"

# row -> (file, test) …; what is measured is in scripts/bench shell and start
ROWS: dict[str, list[tuple[str, str]]] = {
    "completion with docs": [
        (PROMPT, "test_menu_with_documentation_opens_while_typing"),
        (PROMPT, "test_completion_finds_a_command_by_a_part_of_its_name"),
        (PROMPT, "test_live_names_of_nodes_and_properties_are_offered"),
        (ENGINE, "test_what_is_offered"),
        (ENGINE, "test_the_best_comes_first"),
        (ENGINE, "test_commands_of_the_far_end_replace_the_table"),
        (ENGINE, "test_sequences_are_offered_as_one"),
    ],
    "completion delay and paste": [
        (PROMPT, "test_pasting_runs_nothing_by_itself_and_opens_no_menu"),
    ],
    "signature hints": [
        (PROMPT, "test_usage_is_hinted_behind_the_cursor_and_below"),
        (ENGINE, "test_hints"),
        (ENGINE, "test_signatures_mark_the_parameter"),
    ],
    "help": [
        (VERBS, "test_help_of_everything"),
        (HELP, "test_every_example_can_be_typed"),
        (HELP, "test_on_eighty_columns_nothing_is_cut"),
        (HELP, "test_what_is_called_so_is_found_first"),
        (REFLEXES, "test_what_is_meant"),
        (CLI, "test_help_names_everything"),
        (ENGINE, "test_every_verb_can_be_completed_and_explained"),
    ],
    "highlighting and validation": [
        (ENGINE, "test_colours_keep_every_character"),
        (ENGINE, "test_mu_in_colours_by_its_front_end"),
        (ENGINE, "test_mu_is_pointed_at_before_it_is_sent"),
        (PROMPT, "test_mu_that_is_wrong_is_shown_and_not_sent"),
        (PROMPT, "test_an_error_is_one_line_with_a_caret_and_a_suggestion"),
    ],
    "multi-line": [
        (PROMPT, "test_an_open_bracket_continues_on_the_next_line"),
        (PROMPT, "test_f3_makes_enter_a_new_line_and_alt_enter_runs"),
        (PROMPT, "test_editor_gets_the_line_and_gives_it_back"),
        (ENGINE, "test_is_it_complete"),
        (PARSER, "test_what_more_lines_could_mend_is_incomplete"),
    ],
    "three modes": [
        (PROMPT, "test_three_modes_with_one_key_and_a_visible_sign"),
        (ENGINE, "test_in_the_other_modes"),
    ],
    "vi and emacs": [
        (PROMPT, "test_vi_keys_and_their_mode_in_the_toolbar"),
        (PROMPT, "test_the_rc_file_runs_after_connecting_and_only_it"),
    ],
    "history": [
        (PROMPT, "test_history_is_kept_for_the_user_alone_without_secrets"),
        (PROMPT, "test_ctrl_r_finds_lines_by_parts_of_words"),
        (PROMPT, "test_up_goes_through_the_lines_that_begin_so"),
        (PROMPT, "test_history_timing_and_recalling"),
        (ENGINE, "test_history_file"),
        (ENGINE, "test_finding_lines_by_parts_of_words"),
        (ENGINE, "test_secrets_are_taken_out"),
    ],
    "prompt": [
        (PROMPT, "test_prompt_and_toolbar_show_the_far_end"),
        (ENGINE, "test_the_format_of_the_prompt"),
        (ENGINE, "test_a_prompt_that_is_too_wide_loses_its_brackets"),
        (PROMPT, "test_what_is_typed_ahead_is_shown_once_and_behind_the_prompt"),
        (PROMPT, "test_a_line_that_a_command_did_not_end_stays"),
        (PROMPT, "test_no_colour_when_it_is_not_wanted"),
    ],
    "bottom toolbar": [
        (PROMPT, "test_toolbar_follows_another_client_without_being_asked"),
        (OTHERS, "test_where_nothing_is_told_the_toolbar_looks_after_each_line"),
        (PROMPT, "test_many_events_leave_the_prompt_quick_and_small"),
        (PROMPT, "test_the_last_failure_is_in_the_toolbar"),
        (ENGINE, "test_the_toolbar_fits_any_width"),
        (ENGINE, "test_the_toolbar_has_everything_when_there_is_room"),
        (PROMPT, "test_sync_is_in_the_toolbar"),
        (PROMPT, "test_a_job_runs_beside_the_prompt"),
    ],
    "events": [
        (PROMPT, "test_events_are_printed_above_the_prompt"),
        (PROMPT, "test_what_is_to_be_done_on_an_event"),
        (ENGINE, "test_events_are_shown_at_a_bounded_rate"),
    ],
    "reconnecting": [
        (PROMPT, "test_the_prompt_survives_the_player_and_finds_it_again"),
        (PROMPT, "test_a_wrong_port_is_one_clear_line"),
        (PROMPT, "test_with_retry_off_nothing_is_asked_again"),
        (REFLEXES, "test_what_cannot_be_reached_does_not_cost_the_connection"),
        (ENGINE, "test_reconnecting_waits_longer_and_longer"),
    ],
    "Ctrl-C and Ctrl-D": [
        (PROMPT, "test_ctrl_c_clears_the_line_and_ctrl_d_leaves"),
        (PROMPT, "test_ctrl_c_ends_a_wait_and_keeps_the_connection"),
        (PROMPT, "test_ctrl_c_closes_only_the_search"),
        (PROMPT, "test_a_second_ctrl_c_drops_a_connection_that_hangs"),
        (ENGINE, "test_a_long_wait_is_told_of"),
        (CLI, "test_interrupting_is_130"),
    ],
    "one-shot": [
        (CLI, "test_one_shot_verbs"),
        (CLI, "test_texts_code_and_files_run_in_order"),
        (CLI, "test_piped_standard_input"),
        (CLI, "test_no_colour_no_banner_no_prompt_in_a_pipe"),
        (CLI, "test_a_command_file_is_a_program"),
    ],
    "error policy": [
        (LANGUAGE, "test_the_first_error_stops_and_keep_going_goes_on"),
        (LANGUAGE, "test_dry_run_sends_nothing"),
        (REHEARSAL, "test_what_is_told"),
        (REHEARSAL, "test_nothing_is_done_here_either"),
    ],
    "exit statuses": [
        (CLI, "test_exit_statuses"),
        (CLI, "test_no_connection_is_3_and_a_silent_far_end_is_5"),
        (CLI, "test_a_closed_pipe_ends_quietly"),
        (LANGUAGE, "test_leaving_with_a_status"),
        (STREAMS, "test_closed_streams_are_no_streams"),
        (STREAMS, "test_output_that_cannot_be_written_is_an_error"),
    ],
    "output formats": [
        (CLI, "test_formats"),
        (VERBS, "test_output_forms"),
        (PROMPT, "test_long_output_is_paged"),
    ],
    "values": [
        (VERBS, "test_mu_values"),
        (VERBS, "test_properties_of_every_type"),
        (CLI, "test_the_log_has_the_wire_and_no_secrets"),
    ],
    "timing": [
        (PROMPT, "test_history_timing_and_recalling"),
        (LANGUAGE, "test_time_bench_watch"),
    ],
    "watch and repeat": [
        (PROMPT, "test_watch_draws_in_place_until_ctrl_c"),
        (PROMPT, "test_a_watch_goes_on_when_the_player_is_back"),
        (LANGUAGE, "test_time_bench_watch"),
        (LANGUAGE, "test_if_while_repeat_for"),
    ],
    "wait and expect": [
        (LANGUAGE, "test_waiting"),
        (LANGUAGE, "test_conditions"),
    ],
    "variables, aliases, functions": [
        (LANGUAGE, "test_variables_and_substitution"),
        (LANGUAGE, "test_functions_and_aliases"),
    ],
    "rc and config": [
        (PROMPT, "test_the_rc_file_runs_after_connecting_and_only_it"),
        (CLI, "test_where_a_setting_comes_from"),
        (CLI, "test_a_broken_config_file_is_one_line"),
        (CLI, "test_nothing_is_read_from_the_current_directory"),
    ],
    "profiles and many targets": [
        (CLI, "test_profiles_tags_and_broadcasts"),
        (CLI, "test_a_broadcast_does_not_wait_for_the_slowest"),
        (CLI, "test_the_newest_player_is_found_by_its_port_file"),
    ],
    "completion of the system's shell": [
        (CLI, "test_completion_words"),
        (CLI, "test_completion_in_bash"),
        (CLI, "test_completion_in_zsh"),
        (CLI, "test_completion_in_fish"),
        (CLI, "test_completion_scripts_of_other_shells"),
        (CLI, "test_light_starts"),
    ],
    "progress": [
        ("verbs/test_progress.py", "test_a_bar_on_a_terminal_that_goes_away"),
        ("verbs/test_progress.py", "test_a_line_now_and_then_in_a_log"),
        ("verbs/test_progress.py", "test_json_for_programs"),
    ],
    "paging and width": [
        (PROMPT, "test_long_output_is_paged"),
        (PROMPT, "test_any_size_of_terminal"),
        (VERBS, "test_output_forms"),
    ],
    "terminal picture": [
        (SEEING, "test_peek_draws_the_picture_in_half_blocks"),
        (SEEING, "test_peek_sends_a_png_to_kitty"),
        (SEEING, "test_peek_draws_sixels"),
        (SEEING, "test_peek_draws_letters_where_there_are_no_colours"),
        (SEEING, "test_peek_on_a_terminal_asks_it_first"),
        (SEEING, "test_tmux_hands_pictures_on"),
        (SEEING, "test_peek_asks_a_far_machine_for_the_bytes"),
        (SEEING, "test_probe_gives_the_values_of_the_file"),
        (SEEING, "test_histogram_counts_the_displayed_picture"),
        (SEEING, "test_graph_as_a_tree_and_for_graphviz"),
        (SEEING, "test_timeline_of_a_player"),
    ],
    "safety": [
        (PROMPT, "test_destructive_verbs_ask_first"),
        (PROMPT, "test_text_from_the_wire_never_reaches_the_terminal_raw"),
        (CLI, "test_hostile_text_is_escaped_on_a_terminal"),
        (ENGINE, "test_hostile_names_are_escaped_in_the_toolbar"),
    ],
    "logging": [
        (CLI, "test_the_log_has_the_wire_and_no_secrets"),
        (PROMPT, "test_a_transcript_has_lines_and_answers_without_secrets"),
    ],
    "accessibility": [
        (PROMPT, "test_no_colour_when_it_is_not_wanted"),
        (PROMPT, "test_a_dumb_terminal_can_be_typed_at"),
        (PROMPT, "test_simple_prompt"),
        (PROMPT, "test_in_tmux"),
    ],
    "robustness": [
        (ENGINE, "test_any_typing_is_answered"),
        (PARSER, "test_any_text_is_a_tree_or_one_error_with_a_place"),
        (PARSER, "test_deep_nesting_is_an_error_not_a_crash"),
        (ENGINE, "test_what_is_no_state_is_left_alone"),
        (OTHERS, "test_lies_break_nothing"),
        (OTHERS, "test_no_verb_minds_a_lie"),
        (OTHERS, "test_a_far_end_that_answers_nothing_leaves_the_prompt_usable"),
    ],
    "a real RV": [
        (FAR, "test_verbs_need_nothing_that_rv_has_not"),
        (FAR, "test_the_prompt_asks_nothing_that_rv_has_not"),
        (FAR, "test_the_network_of_an_rv"),
        (ENGINE, "test_commands_of_the_far_end_replace_the_table"),
    ],
    "limited contacts": [
        (LIMITED, "test_verbs_need_no_more_than_they_must"),
        (LIMITED, "test_who_may_look_gets_the_picture"),
        (LIMITED, "test_who_may_look_hears_the_events_of_the_session"),
        (LIMITED, "test_what_is_not_granted_is_said_with_its_own_status"),
        (LIMITED, "test_the_prompt_shows_the_state_and_completes"),
    ],
    "mistyped": [
        (CLI, "test_what_is_no_verb_is_never_passed_over"),
        (CLI, "test_misspelt_verbs_and_options_are_named"),
        (PROMPT, "test_an_error_is_one_line_with_a_caret_and_a_suggestion"),
    ],
    "watching the wire": [
        (TAP, "test_a_conversation_is_shown_with_times"),
        (TAP, "test_pixels_are_handed_on_unchanged_and_recorded"),
        (TAP, "test_what_is_no_protocol_is_handed_on_too"),
    ],
    "devices": [
        (LINES, "test_each_line_is_answered_by_one_line"),
        (LINES, "test_events_come_by_themselves"),
        (LINES, "test_characters_from_a_pipe_are_keys"),
        (LINES, "test_keys_on_a_terminal"),
    ],
}


def names_in(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_table_of_rows(tell: Tell) -> None:
    lines = [
        f"{row if i == 0 else '':<34}  {file}::{name}"
        for row, shown in ROWS.items()
        for i, (file, name) in enumerate(shown)
    ]
    tell("what the shell is held to", *lines)


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    for file, name in ROWS[row]:
        assert name in names_in(file), f"{row}: {file} has no {name}"
