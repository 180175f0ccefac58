"""Words of three languages as data: what is never a name, what joins and orders, and the sentences of answers."""

# ruff: noqa: E501, RUF001, SIM905 - East Asian characters count double and their punctuation is meant; word lists read as text

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BEGINNERS",
    "CHINESE",
    "COMMON",
    "EMPTY_BIGRAMS",
    "EMPTY_NAMES",
    "ENGLISH",
    "FILLERS",
    "JAPANESE",
    "LIKES",
    "SEQUENCE",
    "SUMS",
    "TRANSLATED",
    "Sentences",
]

Sentences: TypeAlias = "Mapping[str, str]"
"""Sentence name -> its pattern in one language."""

BEGINNERS: Final = frozenset(
    "a add all also an and answer are as ask at based be book buy calculate call can check compare compute convert "
    "could create delete describe did do does draw each every explain extract fetch find finally first for from "
    "generate get give go good hello help here hey hi how i i'd i'll i'm if in invoke is it it's json just let list "
    "look make may my next no not now of ok on open or order our please print provide put read remind reply report "
    "respond return run save say schedule search second see send set should show so solve summarize tell thank thanks "
    "that the their them then there these they this those to today tomorrow translate try update us use using was we "
    "were what what's when where which who whose why will with would write yes yesterday you your".split()
)
"""Words that a sentence begins with, capital or not: never a name."""

COMMON: Final = BEGINNERS | frozenset(
    "about after again am any because been before being both but by called dear doing down during few further had has "
    "have having he her him his into its itself me more most named nothing off once only other out over own per same "
    "she some such than through too under until up very want weren while whom word words yourself need information "
    "result results tool tools function functions".split()
)
"""Words that say nothing about the matter."""

FILLERS: Final = tuple(
    "请问 請問 请你 请 請 帮我 幫我 帮忙 查询 查詢 查一下 查找 查 搜索 看看 告诉我 告訴我 一下 一个 一個 一名 这个 今天 "
    "明天 现在 昨天 后天 当前 目前 怎么样 怎麼樣 如何 什么 什麼 多少 几点 是否 可以 能否 我想 知道 需要 创建 建立 新建 "
    "添加 名为 名叫 名字 客户 顾客 公司的 天气 天氣 气温 温度 时间 时区 新闻 价格 股价 股票 翻译 发送 邮件 给我 写 首 "
    "关于 然后 接着 最后 首先 之后 以及 还有 和 与 與 跟 及 或 的 了 吗 呢 吧 是 在 把 用 再 先 叫 为 我 你 您 他 她 它 "
    "有 今日 明日 昨日 現在 天気 気温 時間 時刻 教えて ください 下さい お願いします という 名前 顧客 作成 作って して "
    "する した します です ます でしょう どう なに 何 から まで それから その後 次に まず そして について の は が を に "
    "で と も へ や か ね よ".split()
)
"""East Asian words that are no part of a name."""

EMPTY_NAMES: Final = frozenset(
    "get set tool function my list create make do run find fetch for of the to by a an and with in on call use new "
    "current update data info value check user args no unicode lookup look up".split()
)
"""Words of a function's name that do not tell what it is about."""

EMPTY_BIGRAMS: Final = frozenset(
    "查询 获取 一个 返回 指定 用于 使用 函数 工具 取得 する ます です を取 得す ための た場 ください 进行 根据 信息 当前 "
    "结果 输入 参数".split()
)
"""Pairs of characters of a function's description that do not tell what it is about."""

TRANSLATED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "weather": ("天气", "天氣", "天気", "气温", "気温"),
        "time": ("时间", "几点", "時間", "何時", "时刻"),
        "search": ("搜索", "查找", "検索", "搜一下"),
        "calculate": ("计算", "計算", "等于"),
        "translate": ("翻译", "翻訳", "译成"),
        "price": ("价格", "値段", "多少钱"),
        "stock": ("股票", "股价", "株価"),
        "email": ("邮件", "メール"),
        "flight": ("航班", "机票", "飛行機"),
        "hotel": ("酒店", "宾馆", "ホテル"),
        "news": ("新闻", "ニュース"),
        "customer": ("客户", "顾客", "顧客"),
        "order": ("订单", "注文"),
        "book": ("预订", "予約"),
        "add": ("相加", "加上", "足す", " + "),
        "multiply": ("相乘", "乘以", "掛け", " * ", " × "),
        "remind": ("提醒", "リマインド"),
        "convert": ("换算", "转换", "変換"),
    }
)
"""English words in functions' names -> how else they are said: in Chinese, in Japanese, as a sign."""

SEQUENCE: Final = (
    r"\b(?:then|after that|afterwards|first|finally|next|once you have)\b"
    "|然后|接着|之后再|最后|首先|先.+再|その後|次に|まず|それから"
)
"""What puts things in order (a regular expression)."""

LIKES: Final = r"\s*(?:,|、|，|and|or|&|和|与|與|跟|及|以及|还有|と|や)\s*(?:and|in|at|for|of)?\s*"
"""What stands between names that are treated alike (a regular expression)."""

SUMS: Final = tuple(
    pair.split("=")
    for pair in (
        "multiplied by=*;divided by=/;times=*;plus=+;minus=-;to the power of=**;乘以=*;除以=/;加上=+;减去=-;乘=*;加=+;减=-;"
        "掛ける=*;足す=+;引く=-;割る=/;×=*;÷=/;−=-"
    ).split(";")
)
"""How signs of arithmetic are said, the longer first, and Python's sign."""

ENGLISH: Final[Sentences] = MappingProxyType(
    {
        "asked": "You asked: “{0}”",
        "varied": "Put another way ({0}), you asked: “{1}”",
        "matters": "What matters most in it seems to be {0}.",
        "system": "I keep to the instruction I was given: “{0}”",
        "before": "Earlier you said: “{0}”",
        "media": "You gave me {0}.",
        "result": "The result of {0} is: {1}.",
        "found": "Taken together, that is what I know about {0}.",
        "end": "That is all the emulator can tell from your request alone.",
        "and": " and ",
        "comma": ", ",
        "gap": " ",
        "plan": "**Reading the request**\n\nThe user wrote about {0}.| I should look at {1} first.| Then I answer.",
    }
)
CHINESE: Final[Sentences] = MappingProxyType(
    {
        "asked": "你问的是：“{0}”。",
        "varied": "换一种说法（{0}），你问的是：“{1}”。",
        "matters": "其中最重要的似乎是{0}。",
        "system": "我遵守给我的指示：“{0}”。",
        "before": "你之前说过：“{0}”。",
        "media": "你给了我{0}。",
        "result": "{0} 的结果是：{1}。",
        "found": "综合起来，这就是我所知道的关于{0}的情况。",
        "end": "仅凭你的请求，模拟器能说的就是这些。",
        "and": "和",
        "comma": "、",
        "gap": "",
        "plan": "**理解请求**\n\n用户提到了{0}。|我应该先看{1}。|然后再回答。",
    }
)
JAPANESE: Final[Sentences] = MappingProxyType(
    {
        "asked": "ご質問は「{0}」ですね。",
        "varied": "別の言い方({0})をすると、ご質問は「{1}」ですね。",
        "matters": "その中で大切なのは{0}のようです。",
        "system": "いただいた指示「{0}」に従います。",
        "before": "以前、「{0}」とおっしゃいました。",
        "media": "{0}をいただきました。",
        "result": "{0} の結果は {1} です。",
        "found": "まとめると、{0}について分かるのは以上です。",
        "end": "ご依頼だけからエミュレーターに言えるのは以上です。",
        "and": "と",
        "comma": "、",
        "gap": "",
        "plan": "**依頼を読む**\n\nユーザーは{0}について書いています。|まず{1}を見ます。|それから答えます。",
    }
)
