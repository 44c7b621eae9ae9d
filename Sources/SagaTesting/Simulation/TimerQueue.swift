import SagaChoreography

/// Who is to be woken when, the earliest first; of equal times the one that was set first. A binary heap.
struct TimerQueue {
    struct Entry {
        let time: Timestamp
        let ordinal: Int
        let gate: Gate
        /// The wait that ends then; `nil`: the gate is raised, whoever waits there or will.
        let turn: Int?

        func precedes(_ other: Entry) -> Bool {
            time == other.time ? ordinal < other.ordinal : time < other.time
        }
    }

    private var heap: [Entry] = []
    private var nextOrdinal = 0

    mutating func add(_ time: Timestamp, _ gate: Gate, _ turn: Int?) {
        heap.append(Entry(time: time, ordinal: nextOrdinal, gate: gate, turn: turn))
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
