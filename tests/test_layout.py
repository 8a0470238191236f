"""A module's test is found by its name: pipeline/x/y.py has tests/x/test_y.py, or is listed here."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "acquire/test_files.py": "acquire/changes",
    "acquire/test_ledger.py": "acquire/ledger_file",
    "acquire/test_media_types.py": "acquire/packed_names",
    "acquire/test_store.py": "acquire/audit",
    "acquire/crawl/test_crashpoints.py": "acquire/crashpoints",
    "acquire/crawl/test_crawl.py": """acquire/crawl/link_choice acquire/crawl/keeper acquire/crawl/recorder
        acquire/crawl/folders acquire/crawl/guard acquire/crawl/limits acquire/crawl/earlier_fetches
        acquire/crawl/process acquire/crawl/result acquire/crawl/spider""",
    "acquire/crawl/test_site_systems.py": "acquire/page_scripts",
    "acquire/crawl/test_page_pool.py": """acquire/crawl/page_child acquire/crawl/page_facts
        acquire/crawl/night_crawl""",
    "cli/test_cli.py": "cli/run cli/run_summary cli/inspect cli/schema",
    "cli/test_usage.py": "cli/options cli/output_streams files/output_file",
    "nightly/test_commands.py": "cli/nightly cli/retry cli/status cli/verify nightly/status",
    "compare/test_figures.py": """cli/compare compare/checked_cells compare/rates compare/selection
        compare/troubles compare/words""",
    "compare/test_charts.py": "compare/chart_parts compare/trends",
    "compare/test_page.py": "compare/fonts compare/pictures",
    "query/test_sql.py": "cli/sql query/hints query/run_query tables/titles tables/sql_views query/views",
    "query/test_duckdb_types.py": "query/result_formats query/terminal_table",
    "query/test_limits.py": "query/process",
    "derive/test_panels.py": "derive/chain derive/cell_matrices",
    "derive/test_rates.py": "tables/rate_definitions",
    "derive/prose/test_claims.py": "derive/prose/claim_patterns derive/prose/sentences",
    "derive/prose/test_build.py": "derive/prose/frames",
    "derive/prose/test_terms.py": "derive/prose/chapters derive/prose/counts",
    "extract/test_collection_truth.py": "extract/document extract/pdf_document extract/report",
    "extract/test_flow_document.py": """extract/opened_document extract/opened_flow
        extract/read/flow/blocks extract/read/flow/layout""",
    "extract/test_integrity.py": "extract/lossy extract/read/unreadable",
    "extract/test_fallback.py": "extract/opened_pdf extract/table_reading",
    "extract/test_pictured_flow.py": """extract/read/picture/loose_picture
        extract/read/flow/saved_pictures extract/read/picture/table_rulings""",
    "extract/test_pictured_pages.py": """extract/cell_ink extract/picture_pages
        extract/read/picture/ocr_reader""",
    "extract/test_look.py": "extract/drawn_over extract/drawn_page extract/page_cells extract/seen_pages",
    "extract/test_page_look.py": "extract/drawn_sheet extract/page_ink extract/unread_ink",
    "extract/test_set_numbers.py": """extract/read/number_gaps extract/read/number_lines
        extract/read/page_numbers extract/read/small_digits""",
    "extract/bind/test_rows.py": "extract/bind/header",
    "extract/bind/test_table.py": "extract/bind/mentions",
    "extract/test_web_pages.py": """extract/read/flow/html_elements extract/read/flow/html_flowing
        extract/read/flow/html_look extract/read/flow/html_page extract/read/flow/html_parts
        extract/read/flow/html_second extract/read/flow/html_selectors extract/read/flow/html_spans
        extract/read/flow/html_styles extract/read/flow/html_text extract/read/flow/html_walk
        extract/read/flow/aligned_rows extract/read/flow/mhtml extract/read/flow/uneven_rows""",
    "extract/normalise/test_heading.py": """extract/normalise/dates extract/normalise/title
        extract/normalise/publication""",
    "extract/normalise/test_title_pages.py": """extract/normalise/agency_names
        extract/normalise/around_title extract/normalise/authors extract/normalise/title_choice
        extract/normalise/title_forms""",
    "extract/test_several_reports.py": "extract/bind/prints",
    "extract/normalise/test_sections.py": """extract/normalise/body_text extract/normalise/chapter_forms
        extract/normalise/chapters extract/normalise/paragraphs""",
    "extract/read/backends/test_doc_reader.py": """extract/read/backends/office_child
        extract/read/backends/office_kit extract/read/flow/word_binary
        extract/read/flow/word_fields extract/read/flow/word_tables""",
    "extract/read/backends/test_xlsx_reader.py": """extract/read/backends/calamine_reader
        extract/read/flow/set_text extract/read/flow/sheets extract/read/flow/xlsx_styles
        extract/read/flow/xml_package""",
    "extract/read/backends/test_backends.py": """extract/read/backends/camelot_reader
        extract/read/backends/pdfium_calls extract/read/backends/pdfium_segments
        extract/read/backends/pdfium_shapes extract/read/backends/pdfplumber_reader
        extract/read/backends/pypdfium2_reader""",
    "extract/read/backends/test_docx_reader.py": """extract/read/flow/docx_events
        extract/read/flow/docx_numbering extract/read/flow/docx_package""",
    "extract/test_word_files.py": """extract/read/flow/docx_lines extract/read/flow/docx_styles
        extract/read/flow/docx_tables""",
    "extract/read/picture/test_straighten.py": """extract/read/picture/coloured_ink
        extract/read/picture/even_light extract/read/picture/skew extract/read/picture/text_pieces
        extract/read/picture/way_up""",
    "extract/read/picture/test_ruled_tables.py": """extract/read/picture/page_mesh
        extract/read/picture/ruling_ink extract/read/picture/ruling_lattice
        extract/read/picture/ruling_marks extract/read/picture/short_rulings""",
    "extract/read/borderless/test_assemble.py": """extract/read/borderless/by_count
        extract/read/borderless/columns extract/read/borderless/header_blocks
        extract/read/borderless/label_search extract/read/borderless/label_sets
        extract/read/borderless/rows extract/read/borderless/rows_in_header
        extract/read/borderless/split_headers extract/read/borderless/words""",
    "extract/read/picture/test_cell_text.py": """extract/read/picture/ink_lines
        extract/read/picture/ink_pieces extract/read/picture/number_shapes""",
    "extract/read/picture/test_recogniser.py": "extract/read/picture/pictures",
    "nightly/test_lock.py": "files/lock",
    "forms/test_forms_rot.py": "forms/labels forms/phrase_files",
    "inspection/test_doubtful.py": "inspection/crops inspection/html_page",
    "inspection/test_inspection.py": "inspection/picture inspection/schema inspection/terminal",
    "nightly/test_release_gates.py": "nightly/digest_entries nightly/overdue nightly/release_comparison",
    "nightly/test_night.py": "nightly/digest nightly/night_record nightly/store_reading nightly/release",
    "nightly/test_two_steps.py": "nightly/crawl_record",
    "places/test_agencies.py": "places/bureaus",
    "places/test_regions.py": "places/gazetteer",
    "tables/test_frames.py": "records tables/arrow",
    "tables/test_writer.py": "tables/datapackage tables/file_names tables/staging",
    "installation/test_install.py": "installation/version",
    "run/test_run.py": "run extract/version tables/state tables/written_tables",
    "derive/test_places.py": "tables/version versions",
    "workers/test_pool.py": "workers/tasks workers/progress_note",
    "workers/test_scratch_root.py": "files/own_folder",
    "workers/test_sandbox.py": """workers/child workers/landlock workers/scratch workers/seccomp workers/wire
        workers/worker""",
}
"""Test files, named for what they show, and the modules that they hold and that have no file of their own."""


def modules() -> list[str]:
    paths = sorted((ROOT / "pipeline").rglob("*.py"))
    return [
        str(path.relative_to(ROOT / "pipeline").with_suffix("")) for path in paths if "__" not in path.name
    ]


def has_own(module: str) -> bool:
    path = ROOT / "tests" / module
    return path.with_name(f"test_{path.name}.py").exists()


def test_every_module_has_a_test_of_its_name_or_is_listed() -> None:
    listed = {module for held in ELSEWHERE.values() for module in held.split()}
    assert [module for module in modules() if not has_own(module) and module not in listed] == []
    assert sorted(listed - set(modules())) == []


@pytest.mark.parametrize("file", ELSEWHERE)
def test_what_is_listed_is_there(file: str) -> None:
    assert (ROOT / "tests" / file).is_file()


def test_no_two_classes_have_one_name() -> None:
    """A name without an underscore means one thing in the whole package."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "pipeline").rglob("*.py")]
    names = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert [name for name, times in names.items() if times > 1 and not name.startswith("_")] == []


def test_no_two_test_files_have_one_name() -> None:
    """pytest imports them by name alone."""
    names = sorted(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert names == sorted(set(names))
