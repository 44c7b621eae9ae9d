import SagaChoreography

/// Where each known event of the outbox is, by its position. Those of a row lie together: what happens to an event is noted by looking up
/// its row once. A value without I/O.
struct RelayPlaces {
    enum Place: UInt8 {
        case waiting = 1
        case sent, acknowledged
    }

    /// What is known of a row of the table.
    struct Row {
        /// How many of its events are known.
        fileprivate(set) var events = 0
        /// How many of those every group has acknowledged.
        fileprivate(set) var acknowledged = 0
        /// By the event's number in the row; 0: not known.
        fileprivate var places: [UInt8] = []

        /// By how much the counts are other than before.
        fileprivate typealias Change = (events: Int, acknowledged: Int)

        fileprivate mutating func note(_ number: Int, _ place: Place?) -> Change {
            if number >= places.count {
                places.append(contentsOf: repeatElement(0, count: number + 1 - places.count))
            }
            let before = Place(rawValue: places[number])
            places[number] = place?.rawValue ?? 0
            let change = (
                events: (place == nil ? 0 : 1) - (before == nil ? 0 : 1),
                acknowledged: (place == .acknowledged ? 1 : 0) - (before == .acknowledged ? 1 : 0)
            )
            events += change.events
            acknowledged += change.acknowledged
            return change
        }
    }

    private let table: any OutboxTable
    private let width: Int64
    private var rows: [Int64: Row] = [:]
    /// How many events are known.
    private(set) var count = 0
    /// How many of those every group has acknowledged.
    private(set) var acknowledgedCount = 0

    init(_ table: any OutboxTable) {
        self.table = table
        width = table.positionsPerRow
    }

    /// The first position of the row that an event is in.
    func row(of position: Int64) -> Int64 { position - position % width }

    /// What is known of the row that begins at `position`; `nil`: none of its events.
    subscript(row position: Int64) -> Row? { rows[position] }

    /// Where the event is; `nil`: it is not known.
    subscript(position: Int64) -> Place? {
        let number = Int(position % width)
        guard let index = rows.index(forKey: row(of: position)) else { return nil }
        let places = rows.values[index].places
        return number < places.count ? Place(rawValue: places[number]) : nil
    }

    /// Notes where the event is; `nil`: it is not known any more.
    ///
    /// - Returns: whether nothing is known of its row now, and something was before.
    @discardableResult mutating func move(_ position: Int64, to place: Place?) -> Bool {
        let row = row(of: position)
        guard let index = rows.index(forKey: row) else {
            guard place != nil else { return false }
            var new = Row()
            count(new.note(Int(position - row), place))
            rows[row] = new
            return false
        }
        // In place: a row is not to be copied for each of its events.
        count(rows.values[index].note(Int(position - row), place))
        guard rows.values[index].events == 0 else { return false }
        rows.remove(at: index)
        return true
    }

    private mutating func count(_ change: Row.Change) {
        count += change.events
        acknowledgedCount += change.acknowledged
    }

    /// Nothing is known any more of the row that begins at `position`.
    mutating func forget(row position: Int64) {
        guard let row = rows.removeValue(forKey: position) else { return }
        count -= row.events
        acknowledgedCount -= row.acknowledged
    }
}
