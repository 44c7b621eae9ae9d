/// How far requests and answers have come on one connection. Requests may be pipelined; answers keep their order.
struct ExchangeState {
    /// When a refusal can be written.
    enum Turn: Equatable {
        case now
        /// Earlier requests have not been answered yet, or the answer of the refused request has begun: it ends first.
        case later
        /// The refused request has its answer.
        case never
    }

    private var begun = 0
    private var answered = 0
    private var isAnswering = false
    private(set) var isReading = false
    private(set) var bodyBytes = 0

    mutating func requestBegan() {
        begun += 1
        isReading = true
        bodyBytes = 0
    }

    mutating func bodyCame(_ bytes: Int) { bodyBytes += bytes }

    mutating func requestEnded() { isReading = false }

    mutating func answerBegan() { isAnswering = true }

    mutating func answerEnded() {
        isAnswering = false
        answered += 1
    }

    /// Whether every request that began has its answer.
    var isAnswered: Bool { answered == begun }

    /// When what is being read now, or would come next, can be refused.
    var turn: Turn {
        guard isReading else { return isAnswered ? .now : .later }
        if isAnswered { return .never }
        guard answered == begun - 1 else { return .later }
        return isAnswering ? .later : .now
    }
}
