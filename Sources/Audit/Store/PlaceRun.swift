import SQLCore

/// Entries one after the other that are in one place only.
struct PlaceRun: Sendable, Hashable {
    enum Place: String, Sendable {
        case log, store
    }

    let place: Place
    let places: ClosedRange<Int64>

    /// Runs of neighbours.
    ///
    /// - Parameter sequences: in order.
    static func runs(of sequences: some Sequence<Int64>, in place: Place) -> [PlaceRun] {
        var runs: [PlaceRun] = []
        for sequence in sequences {
            if let last = runs.last, last.places.upperBound + 1 == sequence {
                runs[runs.count - 1] = PlaceRun(place: place, places: last.places.lowerBound...sequence)
            } else {
                runs.append(PlaceRun(place: place, places: sequence...sequence))
            }
        }
        return runs
    }

    /// What is left of it.
    ///
    /// - Parameter gone: in order.
    func without(_ gone: [ClosedRange<Int64>]) -> [PlaceRun] {
        var (left, first) = ([PlaceRun](), places.lowerBound)
        for range in gone where range.overlaps(first...places.upperBound) {
            if first < range.lowerBound { left.append(PlaceRun(place: place, places: first...range.lowerBound - 1)) }
            guard range.upperBound < places.upperBound else { return left }
            first = range.upperBound + 1
        }
        return left + [PlaceRun(place: place, places: first...places.upperBound)]
    }
}

/// The rows of audit_lone.
struct PlaceRunStore {
    private let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Those in a range, cut to it, in order.
    func runs(in range: ClosedRange<Int64>, _ place: PlaceRun.Place) throws -> [ClosedRange<Int64>] {
        try transaction.rows(
            """
            SELECT first_sequence, last_sequence FROM audit_lone
            WHERE last_sequence >= \(range.lowerBound) AND first_sequence <= \(range.upperBound)
                AND place = \(place.rawValue)
            ORDER BY first_sequence
            """
        ).map { row in
            (try row.int64("first_sequence")...row.int64("last_sequence")).clamped(to: range)
        }
    }

    /// Whether something in a range is there only.
    func hasRuns(in range: ClosedRange<Int64>, _ place: PlaceRun.Place) throws -> Bool {
        try transaction.first(
            """
            SELECT 1 AS one FROM audit_lone
            WHERE last_sequence >= \(range.lowerBound) AND first_sequence <= \(range.upperBound)
                AND place = \(place.rawValue) LIMIT 1
            """) != nil
    }

    /// Adds runs; one that continues the last is joined to it.
    func add(_ runs: [PlaceRun]) throws {
        var runs = runs[...]
        if let first = runs.first {
            let count = try transaction.execute(
                """
                UPDATE audit_lone SET last_sequence = \(first.places.upperBound)
                WHERE last_sequence = \(first.places.lowerBound - 1) AND place = \(first.place.rawValue)
                """)
            if count > 0 { runs = runs.dropFirst() }
        }
        try insert(Array(runs))
    }

    /// Takes places away that retention took: they are in no place any more.
    ///
    /// - Parameter gone: in order.
    func forget(_ gone: [ClosedRange<Int64>]) throws {
        guard let first = gone.first?.lowerBound, let last = gone.last?.upperBound else { return }
        let rows = try transaction.rows(
            """
            DELETE FROM audit_lone WHERE last_sequence >= \(first) AND first_sequence <= \(last)
            RETURNING first_sequence, last_sequence, place
            """)
        let left = try rows.flatMap { row -> [PlaceRun] in
            guard let place = PlaceRun.Place(rawValue: try row.text("place")) else {
                throw SQLError(.shape, "audit_lone has a place that is none")
            }
            return PlaceRun(
                place: place, places: try row.int64("first_sequence")...row.int64("last_sequence")
            ).without(gone)
        }
        try insert(left)
    }

    private func insert(_ runs: [PlaceRun]) throws {
        try Self.insertion.run(runs, in: transaction) { run in
            [.integer(run.places.lowerBound), .integer(run.places.upperBound), .text(run.place.rawValue)]
        }
    }

    private static let insertion = ManyRows(
        into: "audit_lone (first_sequence, last_sequence, place)", columns: [.integer, .integer, .text])
}
