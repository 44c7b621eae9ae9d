/// A dictionary that forgets what was not asked for in a long time, so that strangers cannot make it grow.
///
/// Two generations: when the younger is full, the older is dropped and the younger becomes the older. Whatever is used is
/// carried over; all operations take constant time.
struct RecentlySeen<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let half: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// - Parameter capacity: how many entries are kept at most.
    init(capacity: Int) { half = max(1, capacity / 2) }

    var count: Int { young.count + old.count }

    subscript(key: Key) -> Value? {
        get { young[key] ?? old[key] }
        set {
            old[key] = nil
            young[key] = newValue
            guard young.count >= half else { return }
            old = young
            young = [:]
        }
    }
}
