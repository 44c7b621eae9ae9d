import SQLiteAdapter
import SagaTesting

/// Makes a failing run smaller as long as it fails in the same way: fewer kinds of faults, fewer orders, fewer faults, shorter
/// delays.
public struct Shrinking {
    private let database: InlineSQLiteDatabase
    private let planted: Planted
    private let check: String
    private var best: ShopRun.Result
    private var runsLeft: Int

    /// The smallest failing run that was found.
    ///
    /// - Parameters:
    ///   - failed: a run that failed.
    ///   - runs: how many runs it may take.
    /// - Throws: ``SQLError`` if the database cannot be used.
    public static func smallest(
        _ failed: ShopRun.Result, on database: InlineSQLiteDatabase, planted: Planted = Planted(), runs: Int = 600
    ) throws -> ShopRun.Result {
        guard let failure = failed.failure else { return failed }
        var shrinking = Shrinking(
            database: database, planted: planted, check: failure.check, best: failed, runsLeft: runs)
        try shrinking.shrink()
        return shrinking.best
    }

    private mutating func shrink() throws {
        let start = best.plan
        try attempt { $0.isPlain = true }
        try leaveOutKinds()
        try dropOrders()
        try limitFaults()
        try skipFaults()
        for seconds in [1, 5, 30, 60] where try attempt({ $0.faults.longestDelay = .seconds(seconds) }) { break }
        try attempt { $0.isPlain = true }
        try leaveOutKinds()
        try dropOrders()
        if best.plan != start { try skipFaults() }
        // The first commit that breaks something says more than the hundredth after it. Last, because it takes long.
        try attempt { $0.checkInterval = 1 }
    }

    /// - Returns: whether the changed plan fails in the same way; it is kept then.
    @discardableResult
    private mutating func attempt(_ change: (inout RunPlan) -> Void) throws -> Bool {
        var plan = best.plan
        change(&plan)
        guard plan != best.plan, runsLeft > 0 else { return false }
        runsLeft -= 1
        let result = try ShopRun(plan, planted: planted).run(on: database)
        guard result.failure?.check == check else { return false }
        best = result
        return true
    }

    private mutating func leaveOutKinds() throws {
        for kind in best.plan.faults.kinds { try attempt { $0.faults = $0.faults.without([kind]) } }
    }

    private mutating func dropOrders() throws {
        let numbers = (1...max(1, best.plan.orders)).filter { !best.plan.dropped.contains($0) }
        var size = max(1, numbers.count / 2)
        while true {
            for start in stride(from: 0, to: numbers.count, by: size) {
                let part = numbers[start..<min(start + size, numbers.count)]
                try attempt { $0.dropped.formUnion(part) }
            }
            guard size > 1 else { return }
            size /= 2
        }
    }

    private mutating func limitFaults() throws {
        var (low, high) = (0, min(best.faults, best.plan.faults.limit))
        while low < high {
            let middle = (low + high) / 2
            if try attempt({ $0.faults.limit = middle }) { high = middle } else { low = middle + 1 }
        }
    }

    private mutating func skipFaults() throws {
        let numbers = Array(0..<min(best.faults, best.plan.faults.limit)).filter {
            !best.plan.faults.skipped.contains($0)
        }
        guard !numbers.isEmpty else { return }
        var size = max(1, numbers.count / 2)
        while true {
            for start in stride(from: 0, to: numbers.count, by: size) {
                let part = numbers[start..<min(start + size, numbers.count)]
                try attempt { $0.faults.skipped.formUnion(part) }
            }
            guard size > 1 else { return }
            size /= 2
        }
    }
}
