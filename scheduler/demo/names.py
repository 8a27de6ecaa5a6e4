"""Made-up Chinese names, phones and addresses; none belongs to a real person."""

import random

SURNAMES = (
    "王李张刘陈杨黄赵吴周" * 6
    + "徐孙马朱胡郭何高林罗" * 4
    + "郑梁谢宋唐许韩冯邓曹彭曾肖田董" * 2
    + "袁潘于蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
)
GIVEN = {  # (gender, elder) → first and second character of the given name, as each generation was named
    ("female", True): ("秀桂玉凤淑惠爱月金巧美素瑞雅佩翠宝慧静兰", "英兰珍芳娣妹云娟琴芬华珠敏仙宝琳"),
    ("male", True): ("建国志永福荣忠德文炳家祥根振明耀伯鹤金阿", "国强明福根发生林良兴彬栋康年华庭昌"),
    ("female", False): ("欣梦雨思晓丽佳雪文海诗慧雅婷晶若子一", "怡洁婷雨燕娜梅静涵琳萱然彤颖悦瑶"),
    ("male", False): ("浩志俊宇子晨建家明晓海文立振伟天一", "然强杰轩豪阳军辉东波博新宇鹏涛凯"),
}
ONE_CHARACTER = 0.15  # share of the young whose given name has one character


def a_name(rng: random.Random, gender: str, *, elder: bool = False) -> str:
    """A surname by its frequency and a given name of the generation."""
    first, second = GIVEN[gender, elder]
    short = not elder and rng.random() < ONE_CHARACTER
    return rng.choice(SURNAMES) + ("" if short else rng.choice(first)) + rng.choice(second)


def a_phone(number: int) -> str:
    """The n-th made-up mobile number."""
    return f"199000{number:05d}"


def an_address(rng: random.Random, committee: str) -> str:
    """A made-up door in a committee's estate."""
    estate = committee.removesuffix("居委会").removesuffix("村委会")
    return f"{estate}小区{rng.randint(1, 60)}号{rng.randint(1, 6)}0{rng.randint(1, 4)}室"
