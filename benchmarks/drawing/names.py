"""What things are called in pictures: in English and Chinese, for both read the page."""

from __future__ import annotations

from .results import OURS

PROGRAMS = {OURS: "pipeline 本项目", "pypdfium2": "pypdfium2 底线"}

OUTCOMES = {
    "exact": ("exact 正确", "#2166ac"),
    "flagged": ("flagged 存疑", "#e6ab02"),
    "missing": ("missing 缺失", "#bdbdbd"),
    "silent": ("silently wrong 静默错误", "#b2182b"),
}

AXES = {
    "shown": "数字的呈现",
    "merged": "合并的单元格",
    "form": "表式",
    "ruling": "表格线",
    "sides": "左右边框",
    "orientation": "页面方向",
    "header": "表头排列",
    "break": "分页",
    "break positions": "分页位置",
    "cut rule": "分页处横线",
    "repeat header": "重复表头",
    "heading": "章节标题",
    "side by side": "并排两表",
    "fill": "底色",
    "labels at": "标签位置",
    "watermark": "水印",
    "seal": "公章",
    "page header": "页眉",
    "page number": "页码",
    "font": "字体",
    "numbers": "数字写法",
    "large": "大数",
    "blanks": "空白格",
    "labels": "标签写法",
    "prose": "正文",
    "totals": "总计行列",
    "extra row": "多出的行",
    "wrong sums": "原表合计错误数",
}

TABLES = {
    "active_disclosure": "表二",
    "applications": "表三",
    "review_litigation": "表四",
    "statistics": "统计表",
}

STEPS = {
    "acquire": "acquire 取得",
    "read: pdfium itself": "read: pdfium 读取（库）",
    "read: cells and lines": "read: cells and lines 读取（单元格）",
    "read: pdfplumber": "read again: pdfplumber 复读",
    "read: camelot": "read again: camelot 复读",
    "bind": "bind 对应",
    "normalise": "normalise 规范",
    "check": "check 核对",
    "look": "look 对照页面",
    "losses": "losses 丢失迹象",
    "between the stages": "between the stages 其他",
    "export": "export 输出",
}


def program_name(program: str) -> str:
    return PROGRAMS.get(program, program)


def axis_name(axis: str) -> str:
    return f"{axis} {AXES[axis]}" if axis in AXES else axis
