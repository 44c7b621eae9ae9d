import PurchaseContracts
import SagaChoreography
import SagaSQL

/// An event that carries an item's entry of the catalogue.
protocol CatalogNotice: Event {
    var item: CatalogEntry { get }
}

extension ItemCreated: CatalogNotice {}
extension ItemChanged: CatalogNotice {}

/// Keeps names, prices and categories. The entry's revision deduplicates and orders, so that no inbox row is needed.
struct KeepCatalog<Notice: CatalogNotice>: Reaction {
    static var id: ReactionID { "orders.keep-catalog.\(Notice.type.name)" }

    func react(to event: Notice, in step: SQLStep) throws -> Reply<Silence, Never> {
        try CatalogStore(step.transaction).keep(event.item) ? .accept(Silence()) : .ignore(.duplicate)
    }
}
