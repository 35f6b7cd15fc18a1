package dispatch

// Question is something that the five regulations leave open, and how it was decided.
type Question struct {
	N       int    // Q1 to Q32
	Ask     string // Chinese
	English string
	// Default is what holds where a hotline says nothing else.
	Default   string
	DefaultEn string
	Switch    string // field of policy.yaml that decides otherwise; or a file; empty: there is none
	Why       string // why there is no switch, or what is not offered yet
	Test      string // package and function of the tests that are named by it: "dispatch TestQuestions"
}

// notYet is what waits for the figures of assessment.
const notYet = "还没有:考评(P2)尚未计算 / not offered yet: assessment is not computed"

// Questions are all that is left open, with the test that shows default and switch.
func Questions() []Question { return questions }

// inQuestions are the tests of this package, of the calendar and of calls.
const inQuestions, inCalls = "dispatch TestQuestions", "ivr TestQuestions"

var questions = []Question{
	{1, "末日到 24:00 还是到下班", "does the last day end at midnight or at closing", "24:00", "24:00", "deadline.day_end", "", inQuestions},
	{2, "非工作日收到,哪天是第 1 日", "what is day 1 of what comes on a day off", "首个工作日", "the first working day", "deadline.nonworking_receipt", "", inQuestions},
	{3, "投诉归监察、纪检还是业务部门", "whose are complaints: oversight's or the department's", "监察审计局主办,业务部门协办", "oversight leads, the department assists", "routing", "", inQuestions},
	{4, "辖区外:转接还是告知", "outside our area: put through or told", "能转则转,不通则报出号码", "put through; if nobody answers the number is told", "flow.yaml: verb transfer / say", "", inCalls},
	{5, "下班后:转值班还是录音", "after hours: duty phone or message", "先转值班,再留言", "duty phone, then message", "profile.yaml: duty.voicemail-only", "", inCalls},
	{6, "“超过两次以上”从第几次起扣", "from which absence on is deducted", "第三次起", "from the third on", "", notYet, ""},
	{7, "来短信是诉求还是评价", "is a text a request or an answer", "有未到期的评价且像答复的是评价,否则是诉求", "an answer while a question is open and it reads like one; else a request", "", "没有:判错一边就丢一件诉求 / none: the other way loses requests", "dispatch TestScenarios"},
	{8, "评价的 24 小时从何时起", "from when do the 24 hours run", "送达回执;没有回执的自受理", "the receipt; without one, acceptance", "survey.start", "", inQuestions},
	{9, "恰好第 24 小时算不算", "does the very last second count", "算", "it does", "", "没有:民法典 1259 条含本数 / none: Civil Code art. 1259", inQuestions},
	{10, "先回错再回对", "a wrong reply, then a right one", "首个有效的为准", "the first valid one counts", "survey.one_reply", "", inQuestions},
	{11, "评过又改", "rated, then rated otherwise", "首个有效的为准,后来的只留痕", "the first valid one counts, later ones are kept", "", "没有:误评走核改(ZQ-15.6) / none: a mistake is corrected by two people", inQuestions},
	{12, "无效或未评的归不归档", "are unrated orders archived", "到期归档并标明", "at the window's end, marked", "", "没有:否则永不归档 / none: they would stay open", inQuestions},
	{13, "重办后未评,算首评吗", "nobody rates the second time: does the first rating count", "不算,即未评", "it does not", "redo.fallback_first", "", inQuestions},
	{14, "自动发回与主动要求各一次还是共一次", "redos by themselves and on demand: one each or one in all", "共一次", "one in all", "redo.max", "", inQuestions},
	{15, "除外件的不满意计不计入", "do excepted ratings count", "计入,另列剔除后的", "they do; the figure without them stands beside it", "", "没有:两个数并列 / none: both figures are shown", "dispatch TestRedo"},
	{16, "“届满前 2 天”是自然日还是工作日", "two days before: calendar or working days", "自然日", "calendar days", "life.extension.before", "", inQuestions},
	{17, "不足两天的能否延期", "what is too short for that", "派发当日可提", "may ask on the day it came", "life.extension.same_day", "", inQuestions},
	{18, "退单获准后新单位的期限", "the next unit's time after a return", "从转派重算", "begins anew", "life.returns.keep_due", "", inQuestions},
	{19, "期限从登记还是派发起算", "does the term begin at registration or when it is given out", "派发给承办单位", "when it is given to the unit", "deadline.start", "", inQuestions},
	{20, "按时与否看提交还是通过", "on time by submission or by passing", "通过的那次提交", "by the submission that passes", "life.review.on_time", "", inQuestions},
	{21, "办结算在提交的月还是通过的月", "which month does an order count in", "通过的月", "the one it passes in", "", notYet, ""},
	{22, "一单双送的涉企咨询 3 日还是 1 日", "companies' questions, delivered twice: 3 days or 1", "看由谁派发", "by who gives it out", "life.ways.dual:consult", "", inQuestions},
	{23, "工作小时是哪几个小时", "which hours are working hours", "9:00-12:00、13:30-17:30", "9:00-12:00, 13:30-17:30", "business_hours", "", inQuestions},
	{24, "每低 1% 扣分:阶梯还是线性", "each per cent below: in steps or linear", "阶梯", "in steps", "", notYet, ""},
	{25, "总分封不封顶", "is the sum capped", "不封顶", "it is not", "", notYet, ""},
	{26, "排名并列怎么办", "equal ranks", "按破并列规则", "by rules that break them", "", notYet, ""},
	{27, "匿名举报收不收", "are anonymous reports taken", "收,标明匿名", "they are, and marked", "life.real_name", "", inQuestions},
	{28, "“忙音除外”是什么口径", "what does “except busy” mean", "线路满的剔除,排队放弃的不剔", "calls refused because all lines were full", "", "还没有:接通率尚未计算 / not offered yet: the rate is not computed", ""},
	{29, "一直不满意怎么结", "never satisfied: how does it end", "三轮后由领导裁定", "a leader decides after three rounds", "life.max_rounds", "", inQuestions},
	{30, "国标不宜设菜单,设不设", "the standard advises against menus", "SQ、ZQ 不设,只留紧急键;其余一层", "none at SQ and ZQ, where the emergency key stays; one level elsewhere", "flow.yaml: verb menu", "", inCalls},
	{31, "缺当年日历", "a year without a calendar", "暂定期限并告警,补上后重算", "a provisional deadline, an alarm, and counted again", "", "没有:拒收会丢诉求 / none: refusing would lose requests", inQuestions},
	{32, "号码、作息等原文空缺", "numbers and hours that no regulation gives", "必填,缺则拒启动", "have to be filled in, or it does not start", "", "没有 / none", inCalls},
	{33, "自然日期限的末日逢休息(民法典 203 条)", "a term in calendar days that ends on a day off (Civil Code art. 203)", "不顺延", "it stays", "deadline.holiday_end", "", inQuestions},
}
