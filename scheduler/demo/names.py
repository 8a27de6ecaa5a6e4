"""Made-up Chinese names, phones and addresses; none belongs to a real person."""

import random

SURNAMES = (
    "王李张刘陈杨黄赵吴周" * 6
    + "徐孙马朱胡郭何高林罗" * 4
    + "郑梁谢宋唐许韩冯邓曹彭曾肖田董" * 2
    + "袁潘于蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
)
ELDER_FEMALE = "秀英 桂兰 玉珍 凤英 淑珍 玉兰 秀珍 桂英 惠芳 爱珍 月娥 金娣 阿妹 巧云 美娟 素琴 瑞芬 雅芳"
ELDER_MALE = "建国 国强 德明 永福 志明 宝根 金发 阿根 荣生 福林 忠良 德兴 文彬 炳生 家栋 祥生 根发 永康 伯年 耀庭"
YOUNG_FEMALE = "欣怡 梦洁 雨婷 思雨 晓燕 丽娜 婷婷 佳怡 雪梅 文静 海燕 晶晶 诗涵 慧琳 雅婷 倩 敏 颖 洁 艳 丹 璐 月 悦"
YOUNG_MALE = "浩然 志强 俊杰 宇轩 子豪 晨阳 建军 家豪 伟 磊 鹏 超 勇 涛 杰 明辉 晓东 海波 文博 立新 振宇 凯 波 飞"
GIVEN = {
    ("female", True): ELDER_FEMALE.split(),
    ("male", True): ELDER_MALE.split(),
    ("female", False): YOUNG_FEMALE.split(),
    ("male", False): YOUNG_MALE.split(),
}


def a_name(rng: random.Random, gender: str, *, elder: bool = False) -> str:
    """A surname by its frequency and a given name of the generation."""
    return rng.choice(SURNAMES) + rng.choice(GIVEN[gender, elder])


def a_phone(number: int) -> str:
    """The n-th made-up mobile number."""
    return f"199000{number:05d}"


def an_address(rng: random.Random, committee: str) -> str:
    """A made-up door in a committee's estate."""
    estate = committee.removesuffix("居委会").removesuffix("村委会")
    return f"{estate}小区{rng.randint(1, 60)}号{rng.randint(1, 6)}0{rng.randint(1, 4)}室"
