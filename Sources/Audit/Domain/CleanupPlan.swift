import FoundationEssentials
import SagaChoreography

/// What retention takes away from one segment. A value without I/O.
struct CleanupPlan: Sendable {
    let segment: Segment
    /// The runs that there were, and those that there are to be.
    let before: [PrunedRun]
    private(set) var after: [PrunedRun] = []
    /// Entries that are due now, and that stay.
    private(set) var due: Int64 = 0
    private(set) var kept: Int64 = 0
    /// Entries that are due but held.
    private(set) var held: Int64 = 0
    /// Whether entries are left that a cleanup before this one had noted as gone.
    private(set) var hasRemains = false
    private var old: ArraySlice<PrunedRun>

    init(_ segment: Segment, runs: [PrunedRun]) {
        self.segment = segment
        before = runs
        old = runs[...]
    }

    /// Takes the segment's next entry.
    mutating func take(_ entry: LoggedEntry, _ limits: AuditRetention.Limits, _ holds: [AuditHold]) {
        addOld(before: entry.sequence)
        if let run = old.first, run.places.contains(entry.sequence) {
            hasRemains = true
            return
        }
        guard limits.reach(entry.entry) else {
            kept += 1
            return
        }
        guard !holds.contains(where: { $0.covers(entry.entry) }) else {
            (held, kept) = (held + 1, kept + 1)
            return
        }
        due += 1
        add(
            PrunedRun(
                segment: segment.number, first: entry.sequence, last: entry.sequence, lastHash: entry.hash))
    }

    /// Ends the segment.
    mutating func finish() { addOld(before: .max) }

    private mutating func addOld(before sequence: Int64) {
        while let run = old.first, run.last < sequence {
            add(run)
            old.removeFirst()
        }
    }

    private mutating func add(_ run: PrunedRun) {
        guard let last = after.last, last.last + 1 == run.first else { return after.append(run) }
        after[after.count - 1] = PrunedRun(
            segment: run.segment, first: last.first, last: run.last, lastHash: run.lastHash)
    }
}
