import Foundation
import PurchaseAPI

extension ConfigurationParser {
    /// Secret or key file, whichever the algorithm needs. There is no default secret anywhere.
    mutating func tokenKeys(
        _ stage: PurchaseConfiguration.Stage, _ algorithm: PurchaseConfiguration.TokenAlgorithm
    ) -> (secret: String?, keyFile: String?) {
        let secret = optional(.jwtSecret)
        let file = optional(.jwtKeyFile)
        if let secret {
            if secret.utf8.count < 32 {
                complain(.jwtSecret, "is shorter than 32 bytes; make one with: openssl rand -base64 48")
            } else if Self.isPlaceholder(secret) {
                complain(.jwtSecret, "looks like a placeholder; make one with: openssl rand -base64 48")
            }
        }
        switch algorithm {
        case .hs256:
            if secret == nil, stage == .production { complain(.jwtSecret, "is required in production") }
        case .es256, .eddsa:
            if let file {
                if let problem = Self.problem(ofKeyFile: file, algorithm) {
                    complain(.jwtKeyFile, "'\(file)' \(problem)")
                }
            } else {
                complain(.jwtKeyFile, "is required for \(algorithm.rawValue): a private key in PEM form")
            }
        }
        return (secret, file)
    }

    static func isPlaceholder(_ secret: String) -> Bool {
        let lower = secret.lowercased()
        return Set(lower.utf8).count < 8
            || ["changeme", "change-me", "change_me", "your-secret", "your_secret", "placeholder", "example"]
                .contains { lower.contains($0) }
    }

    private static func problem(
        ofKeyFile path: String, _ algorithm: PurchaseConfiguration.TokenAlgorithm
    ) -> String? {
        guard let pem = try? String(contentsOfFile: path, encoding: .utf8) else { return "cannot be read" }
        do {
            _ = algorithm == .es256 ? try TokenKey.es256(pem: pem) : try TokenKey.eddsa(pem: pem)
            return nil
        } catch {
            return "is no private key for \(algorithm.rawValue) in PEM form"
        }
    }
}
