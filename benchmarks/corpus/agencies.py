"""Names of bureaus that nobody can take for real ones, of every type and length."""

from __future__ import annotations

from itertools import product
from random import Random

PLACES = (
    "示例省",
    "示例市",
    "示例县",
    "示例区",
    "示例旗",
    "示例盟",
    "示例新区",
    "示例自治区",
    "示例自治州",
    "示例自治县",
    "示例省示例市",
    "示例省示例县",
    "示例市示例区",
    "示例市示例县",
    "示例市示例新区",
    "示例自治州示例县",
    "示例市示例经济技术开发区",
    "示例市示例高新技术产业开发区",
)
BUREAUS = (
    "发展和改革示例委员会",
    "教育示例局",
    "科学技术示例局",
    "工业和信息化示例局",
    "民族宗教事务示例局",
    "公安示例局",
    "民政示例局",
    "司法示例局",
    "财政示例局",
    "人力资源和社会保障示例局",
    "自然资源和规划示例局",
    "生态环境示例局",
    "住房和城乡建设示例局",
    "交通运输示例局",
    "水务示例局",
    "农业农村示例局",
    "商务示例局",
    "文化广电旅游体育示例局",
    "卫生健康示例委员会",
    "退役军人事务示例局",
    "应急管理示例局",
    "审计示例局",
    "市场监督管理示例局",
    "统计示例局",
    "医疗保障示例局",
    "林业和草原示例局",
    "信访示例局",
    "城市管理示例局",
    "行政审批服务示例局",
    "大数据发展示例局",
    "国防动员示例办公室",
    "地方金融监督管理示例局",
    "粮食和物资储备示例局",
    "乡村振兴示例局",
    "示例中心",
    "示例局",
)
COUNTIES = ("示例县", "示例区", "示例市示例区", "示例市示例县", "示例自治州示例县")
TOWNS = ("示例镇人民政府", "示例乡人民政府", "示例民族乡人民政府", "示例街道办事处")

ALL = ["".join(pair) for pair in (*product(PLACES, BUREAUS), *product(COUNTIES, TOWNS))]
NAMES = tuple(Random("agencies").sample(ALL, len(ALL)))
"""All of them in a random order, each once."""
