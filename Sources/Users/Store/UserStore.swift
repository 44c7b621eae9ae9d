import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The accounts.
struct UserStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    static let columns: StaticString = "id, name, roles, is_active, slot_capacity, epoch, created_at"

    /// - Returns: whether it was inserted; `false` if the id or the name is taken.
    func insert(_ user: User) throws -> Bool {
        try transaction.changesOne(
            """
            INSERT INTO users_users
                (id, name, name_key, roles, is_active, slot_capacity, created_at, updated_at)
            VALUES (\(user.id), \(user.name), \(UserName.key(user.name)), \(try Self.text(user.roles)),
                \(user.isActive), \(user.slotCapacity), \(user.createdAt.milliseconds), \(user.createdAt.milliseconds))
            ON CONFLICT DO NOTHING
            """)
    }

    func user(_ id: UserID) throws -> User? {
        try transaction.first("SELECT \(fixed: Self.columns) FROM users_users WHERE id = \(id)").map(Self.user)
    }

    func user(named name: String) throws -> User? {
        try transaction.first("SELECT \(fixed: Self.columns) FROM users_users WHERE name_key = \(UserName.key(name))")
            .map(Self.user)
    }

    /// - Returns: whether that changed anything.
    func setActive(_ id: UserID, _ isActive: Bool, at now: Timestamp) throws -> Bool {
        try transaction.changesOne(
            """
            UPDATE users_users
            SET is_active = \(isActive), epoch = epoch + 1, epoch_at = \(now.milliseconds),
                updated_at = \(now.milliseconds)
            WHERE id = \(id) AND is_active <> \(isActive)
            """)
    }

    static func user(_ row: SQLRow) throws -> User {
        User(
            id: UserID(try row.uuid("id")), name: try row.text("name"), roles: try roles(try row.text("roles")),
            isActive: try row.bool("is_active"), slotCapacity: try row.int64("slot_capacity"),
            epoch: try row.int64("epoch"), createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }

    /// A JSON array in the order of ``Role/allCases``, so that equal sets are equal texts.
    static func text(_ roles: Set<Role>) throws -> String {
        String(decoding: try JSONEncoder().encode(Role.allCases.filter(roles.contains)), as: UTF8.self)
    }

    static func roles(_ text: String) throws -> Set<Role> {
        do {
            return try JSONDecoder().decode(Set<Role>.self, from: Data(text.utf8))
        } catch {
            throw SQLError(.shape, "column 'roles' is not a JSON array of roles")
        }
    }
}
