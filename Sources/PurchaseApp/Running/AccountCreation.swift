import Logging
import PurchaseContracts
import SQLCore
import Users

/// Makes accounts on the configured database while no server runs: the first administrator comes from here.
public enum AccountCreation {
    /// Opens an account with a password.
    ///
    /// - Returns: its id.
    /// - Throws: ``UserRefusal``; ``SQLError`` `.locked` while a server runs on the database.
    public static func create(
        _ configuration: PurchaseConfiguration, name: String, roles: Set<Role>, password: String, logger: Logger
    ) async throws -> UserID {
        let database = try await PurchaseDatabase.openToWrite(configuration, logger: logger)
        do {
            let system = try await PurchaseComposition(configuration, database: database, logger: logger).system
            let hash = try await ScryptHasher().hash(password)
            let id = try await system.commands(of: UsersParticipant.service).run(
                RegisterUser(name: name, passwordHash: hash, roles: roles))
            try database.close()
            return id
        } catch {
            try database.close()
            throw error
        }
    }
}
