import SagaChoreography

/// What is to happen when, the earliest first; of equal times the one that was set first. A binary heap.
struct TimerQueue {
    enum Action: Sendable {
        /// One wait at a gate ends.
        case elapse(Gate, turn: Int)
        case call(@Sendable () -> Void)

        func run() {
            switch self {
            case .elapse(let gate, let turn): gate.elapse(turn: turn)
            case .call(let body): body()
            }
        }
    }

    struct Entry {
        let time: Timestamp
        let ordinal: Int
        let action: Action

        func precedes(_ other: Entry) -> Bool {
            time == other.time ? ordinal < other.ordinal : time < other.time
        }
    }

    private var heap: [Entry] = []
    private var nextOrdinal = 0

    mutating func add(_ time: Timestamp, _ action: Action) {
        heap.append(Entry(time: time, ordinal: nextOrdinal, action: action))
        nextOrdinal += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func takeNext() -> Entry? {
        guard !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].precedes(heap[least]) { least = child }
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
