"""Made-up messages: the small district reads in them its kinds, emergencies, doubts, and nothing at all."""

_MADE_UP = (
    ("楼道灯不亮", "三单元楼道灯坏了两周，晚上看不清台阶。"),
    ("井盖", "小区门口的井盖不见了，有小孩差点掉下去！"),
    ("噪音", "楼上半夜一直吵，商铺噪音很大，报警也没有用。"),
    ("收费", "物业乱收费，请问应该找哪个部门？"),
    ("", "厨房燃气泄漏，闻到很浓的煤气味，快来人！"),
    ("感谢", "谢谢网格员帮忙联系维修。"),
    ("停水", "我们小区从昨天开始停水，老人没有水喝。"),
    ("占道", "路口有人占道经营，轮椅过不去。"),
    ("官司", "法院判决已经下来了，对方还是不还钱。"),
    ("吃坏了", "食堂吃完饭好几个人上吐下泻，像是中毒，已经送医院。"),
    ("", " "),
    ("Street lamp", "The street lamp near the school is broken."),
)
MADE_UP = [{"title": title or None, "body": body} for title, body in _MADE_UP * 3]
