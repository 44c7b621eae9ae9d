import FoundationEssentials
import SagaChoreography

/// Which rows of the outbox tell of sagas that go on, as far as this process has heard both of the row and of its sagas: of what it
/// knows to be over, the database need not be asked for every saga of every row. A value without I/O.
///
/// What another process closed is not heard of here; such a row seems to be open until somebody asks the database.
struct OpenSagas {
    private struct Row {
        let service: ServiceID
        let subjects: Set<IDKey>
        var open: Int
    }

    private var rows: [Int64: Row] = [:]
    /// The rows of which a saga is open, by the service that emitted them.
    private var rowsBySaga: [ServiceID: [IDKey: [Int64]]] = [:]

    /// How many rows are known.
    var count: Int { rows.count }

    /// A row was written: all of its events, of one service.
    mutating func add(_ position: Int64, of service: ServiceID, subjects: Set<IDKey>) {
        rows[position] = Row(service: service, subjects: subjects, open: subjects.count)
        var sagas = rowsBySaga.removeValue(forKey: service) ?? [:]
        for subject in subjects { sagas[subject, default: []].append(position) }
        rowsBySaga[service] = sagas
    }

    /// Sagas are over for a service, with all that it has emitted of them until now. One that is opened again emits into other rows.
    mutating func close(_ subjects: [UUID], of service: ServiceID) {
        guard var sagas = rowsBySaga.removeValue(forKey: service) else { return }
        for subject in subjects {
            for position in sagas.removeValue(forKey: IDKey(subject)) ?? [] { rows[position]?.open -= 1 }
        }
        rowsBySaga[service] = sagas
    }

    /// A row is gone, or not this process's business any more.
    mutating func forget(_ position: Int64) {
        guard let row = rows.removeValue(forKey: position), row.open > 0 else { return }
        for subject in row.subjects {
            guard let others = rowsBySaga[row.service]?[subject]?.filter({ $0 != position }) else { continue }
            rowsBySaga[row.service]?[subject] = others.isEmpty ? nil : others
        }
    }

    /// Whether a saga of this row goes on; `nil` if nothing is known of the row.
    func isOpen(_ position: Int64) -> Bool? { rows[position].map { $0.open > 0 } }
}
