import Foundation
import SagaChoreography

extension PurchaseSystem {
    /// Every event type of the system, as other teams may rely on it.
    ///
    /// - Throws: `DecodingError` if a type reads in a way that cannot be followed; see ``SchemaDescribing``.
    public static func events() throws -> [ProgramEvent] { try ProgramEvent.all(of: participants()) }

    /// What is to be published of the events.
    ///
    /// - Parameter published: the file as it is; `nil` if there is none yet.
    /// - Throws: ``BrokenContracts`` if something that was published is not kept; `DecodingError`, ``MalformedContracts``.
    public static func contracts(after published: Data?) throws -> ContractBook {
        let events = try events()
        guard let published else { return ContractBook(events.map(\.contract)) }
        return try ContractComparison(of: ContractBook(json: published), with: events).merged()
    }
}
