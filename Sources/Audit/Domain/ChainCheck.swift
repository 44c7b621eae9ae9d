import FoundationEssentials

/// Goes through the log in order and notes what a log that nobody touched does not have. A value without I/O.
struct ChainCheck {
    /// The action of a cleanup's entry.
    static let cleanup = "audit.pruned"

    private(set) var result = AuditVerification()
    /// Where the log went on to when the check began.
    let head: (sequence: Int64, hash: Data)
    /// The hash with which each sealed segment ended, by its last entry's place.
    private let segments: [Int64: Data]
    private let hash: any ContentHash
    /// The place up to which everything was looked at.
    private(set) var last: Int64 = 0
    /// `nil` behind a gap: the hash before it is gone.
    private var previous: Data? = EntryChain.origin
    /// Runs that begin behind `last`, or go on there.
    private var runs: ArraySlice<PrunedRun> = []
    /// What is in another place, behind `last`, or goes on there.
    private var elsewhere: ArraySlice<ClosedRange<Int64>> = []
    private var digest: (segment: Int64, made: PrunedDigest)?
    private var digests: [Int64: String] = [:]
    private var ranges: [Int64: ClosedRange<Int64>] = [:]
    private var lastAdded: Int64 = 0
    /// What the last cleanup of each segment says.
    private var cleanups: [Int64: String] = [:]
    private var unreadable: Set<Int64> = []

    init(head: (sequence: Int64, hash: Data), segments: [Int64: Data], by hash: any ContentHash) {
        self.head = head
        self.segments = segments
        self.hash = hash
        result.head = head
    }

    /// Of one segment.
    ///
    /// - Parameter cleanup: the entry of its last cleanup, if there was one.
    init(of segment: Segment, cleanup: LoggedEntry?, by hash: any ContentHash) {
        self.init(head: (segment.places.upperBound, segment.head), segments: [:], by: hash)
        (last, previous) = (segment.places.lowerBound - 1, segment.previousHead)
        if let cleanup { note(cleanup: cleanup.entry) }
    }

    /// Takes the next entries.
    ///
    /// - Parameters:
    ///   - runs: those that begin between the place reached so far and the last of the entries.
    ///   - elsewhere: places in between whose entries are not looked at.
    mutating func take(
        _ entries: [LoggedEntry], among runs: [PrunedRun], elsewhere: [ClosedRange<Int64>] = []
    ) {
        add(runs)
        self.elsewhere = elsewhere[...]
        for entry in entries {
            advance(to: entry.sequence, .removed)
            check(entry)
        }
    }

    /// Notes places at which something is that is no entry, before what is behind them is taken.
    mutating func note(unreadable places: [Int64]) { unreadable.formUnion(places) }

    /// Ends the log.
    ///
    /// - Parameters:
    ///   - runs: those behind the last entry.
    ///   - elsewhere: places behind it whose entries are not looked at.
    mutating func finish(_ runs: [PrunedRun], elsewhere: [ClosedRange<Int64>] = []) {
        add(runs)
        self.elsewhere = elsewhere[...]
        if last < head.sequence { advance(to: head.sequence + 1, .truncated) }
        if last == head.sequence, let previous, previous != head.hash { result.note(.changed, last) }
        closeDigest()
    }

    /// Segments of which entries are gone, and no cleanup that was read says so.
    var unexplained: [Int64] { digests.keys.filter { cleanups[$0] != digests[$0] }.sorted() }

    /// Notes that no cleanup took away what is gone from a segment.
    mutating func note(unexplained segment: Int64) {
        if let range = ranges[segment] { result.note(.pruned, range.lowerBound, range.upperBound) }
    }

    private mutating func add(_ runs: [PrunedRun]) {
        // A run that goes beyond a page is read again with the next.
        for run in runs where run.first > lastAdded {
            lastAdded = run.first
            self.runs.append(run)
            ranges[run.segment] = (ranges[run.segment]?.lowerBound ?? run.first)...run.last
            if digest?.segment != run.segment {
                closeDigest()
                digest = (run.segment, PrunedDigest())
            }
            digest?.made.add(run)
        }
    }

    private mutating func closeDigest() {
        if let digest { digests[digest.segment] = digest.made.text(hash) }
        digest = nil
    }

    /// Goes on to a place: over what retention took away, and over what is missing.
    private mutating func advance(to next: Int64, _ kind: AuditVerification.Finding.Kind) {
        while last + 1 < next {
            // What is elsewhere may have been taken by retention as well.
            while let run = runs.first, run.last <= last { runs.removeFirst() }
            while let first = elsewhere.first, first.upperBound <= last { elsewhere.removeFirst() }
            if let other = elsewhere.first, other.contains(last + 1) {
                (last, previous) = (min(other.upperBound, next - 1), nil)
                continue
            }
            guard let run = runs.first, run.first <= last + 1 else {
                let end = min(runs.first?.first ?? next, elsewhere.first?.lowerBound ?? next, next) - 1
                let isThere = (last + 1...end).allSatisfy(unreadable.contains)
                result.note(isThere ? .unreadable : kind, last + 1, end)
                (last, previous) = (end, nil)
                continue
            }
            guard run.last < next else {
                // A cleanup is under way: what was before this entry is gone already.
                result.pruned += next - 1 - last
                (last, previous) = (next - 1, nil)
                return
            }
            result.pruned += run.last - last
            (last, previous) = (run.last, run.lastHash)
            runs.removeFirst()
            if let sealed = segments[last], sealed != run.lastHash { result.note(.segment, last) }
        }
    }

    private mutating func check(_ entry: LoggedEntry) {
        result.entries += 1
        guard entry.sequence <= head.sequence else {
            result.note(.inserted, entry.sequence)
            (last, previous) = (entry.sequence, entry.hash)
            return
        }
        if let previous, EntryChain.hash(of: entry, after: previous, by: hash) != entry.hash {
            result.note(.changed, entry.sequence)
        } else if entry.entry.action == Self.cleanup {
            note(cleanup: entry.entry)
        }
        (last, previous) = (entry.sequence, entry.hash)
        if let sealed = segments[entry.sequence], sealed != entry.hash { result.note(.segment, entry.sequence) }
        guard let run = runs.first, run.last == entry.sequence else { return }
        runs.removeFirst()
        if run.lastHash != entry.hash { result.note(.changed, entry.sequence) }
    }

    private struct Cleanup: Decodable {
        let digest: String
    }

    private mutating func note(cleanup entry: AuditEntry) {
        guard let segment = Int64(entry.resourceID) else { return }
        cleanups[segment] = Self.digest(in: entry)
    }

    /// What a cleanup's entry says of its segment's runs; `nil` if it says nothing.
    static func digest(in entry: AuditEntry) -> String? {
        do {
            return try JSONDecoder().decode(Cleanup.self, from: entry.details).digest
        } catch { return nil }  // what it does not explain is named at the end
    }
}
