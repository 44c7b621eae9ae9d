import Foundation
import Logging
import PurchaseAPI
import SQLiteAdapter
import SagaSQL

extension PurchaseComposition {
    /// The API of a development system without data: for its description, not for answers.
    ///
    /// - Throws: as the composition.
    public static func describedAPI() async throws -> PurchaseAPI {
        // The defaults, whatever this process's environment says, and a key that nobody will ever use.
        let configuration = try await PurchaseConfiguration.load(
            commandLine: ["JWT_SECRET": UUID().uuidString + UUID().uuidString], environment: [:], directory: "")
        return try await PurchaseComposition(
            configuration, databases: ServiceDatabases(try SQLiteDatabase.inMemory()),
            logger: Logger(label: "description")
        ).api
    }
}
