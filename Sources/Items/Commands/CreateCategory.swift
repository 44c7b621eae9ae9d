import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Adds a category. Audited.
public struct CreateCategory: Command {
    public static let id: ReactionID = "items.create-category"

    let name: String
    let actor: UserID

    /// - Parameter name: 1 to 200 characters, unique whatever the case.
    public init(name: String, actor: UserID) {
        self.name = name
        self.actor = actor
    }

    /// - Throws: ``ItemsRefusal`` `.invalid`, `.categoryExists`, `.tooManyCategories`.
    public func execute(in step: SQLStep) throws -> Decision<Category, Never> {
        let categories = CategoryStore(step.transaction)
        let category = Category(
            id: CategoryID(step.ids.next()), name: try ItemLimits.checked(name: name), createdAt: step.now)
        guard try categories.count() < ItemLimits.categories else { throw ItemsRefusal.tooManyCategories }
        guard try categories.insert(category) else { throw ItemsRefusal.categoryExists }
        try AuditLog.write(
            AuditRecord(
                service: ItemsParticipant.service, action: "items.category-created", resource: "category",
                resourceID: "\(category.id)", actor: actor.uuid, severity: .medium, details: ["name": category.name]),
            in: step)
        return Decision(category)
    }
}

/// Gives a category another name. Audited.
public struct RenameCategory: Command {
    public static let id: ReactionID = "items.rename-category"

    let category: CategoryID
    let name: String
    let actor: UserID

    /// - Parameter name: 1 to 200 characters, unique whatever the case.
    public init(_ category: CategoryID, to name: String, actor: UserID) {
        self.category = category
        self.name = name
        self.actor = actor
    }

    /// - Throws: ``ItemsRefusal`` `.invalid`, `.categoryNotFound`, `.categoryExists`.
    public func execute(in step: SQLStep) throws -> Decision<Category, Never> {
        let categories = CategoryStore(step.transaction)
        let name = try ItemLimits.checked(name: name)
        guard let old = try categories.category(category) else { throw ItemsRefusal.categoryNotFound(category) }
        guard old.name != name else { return Decision(old) }
        guard try categories.rename(category, to: name) else { throw ItemsRefusal.categoryExists }
        try AuditLog.write(
            AuditRecord(
                service: ItemsParticipant.service, action: "items.category-renamed", resource: "category",
                resourceID: "\(category)", actor: actor.uuid, severity: .medium,
                details: ["name.old": old.name, "name.new": name]), in: step)
        return Decision(Category(id: old.id, name: name, createdAt: old.createdAt))
    }
}
