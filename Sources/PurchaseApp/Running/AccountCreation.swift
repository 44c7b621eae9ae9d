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
        let opened = try await OpenDatabases.openToWrite(configuration, logger: logger)
        do {
            let system = try await PurchaseComposition(configuration, databases: opened.services, logger: logger).system
            let hash = try await ScryptHasher().hash(password)
            let id = try await system.commands(of: UsersParticipant.service).run(
                RegisterUser(name: name, passwordHash: hash, roles: roles))
            try opened.close()
            return id
        } catch {
            try opened.close()
            throw error
        }
    }
}
