import Foundation

extension ConfigurationParser {
    /// Which gateway settles payments, and what it takes to reach it. The keys of a gateway over HTTP are checked whenever they
    /// are set, and required once it is chosen.
    mutating func gateway(_ stage: PurchaseConfiguration.Stage) -> PurchaseConfiguration.Gateway {
        let kind = gatewayKind(stage)
        let url = gatewayURL(stage)
        let given = "looks like a placeholder; take the one that the gateway gave you"
        let apiKey = sharedSecret(.paymentAPIKey, ifPlaceholder: given)
        let webhookSecret = sharedSecret(.paymentWebhookSecret, ifPlaceholder: given)
        guard kind == "http" else { return .simulated }
        for (key, value) in [
            (ConfigurationKey.paymentGatewayURL, url), (.paymentAPIKey, apiKey),
            (.paymentWebhookSecret, webhookSecret),
        ] where value == nil && sources.find(key) == nil {
            complain(key, "is required with PAYMENT_GATEWAY=http")
        }
        guard let url, let apiKey, let webhookSecret else { return .simulated }
        return .http(.init(url: url, apiKey: apiKey, webhookSecret: webhookSecret))
    }

    private mutating func gatewayKind(_ stage: PurchaseConfiguration.Stage) -> String {
        guard let text = optional(.paymentGateway) else {
            if stage == .production {
                complain(
                    .paymentGateway, "is required in production: http, or simulated if simulated payments are meant")
                return ""
            }
            return assume(.paymentGateway, "simulated")
        }
        if !["simulated", "http"].contains(text) { complain(.paymentGateway, "'\(text)' is not simulated or http") }
        return text
    }

    /// Without a slash at its end. What is wrong with it is said without showing it: a password may stand in it.
    private mutating func gatewayURL(_ stage: PurchaseConfiguration.Stage) -> String? {
        guard let found = sources.find(.paymentGatewayURL) else { return nil }
        guard let url = URLComponents(string: found.text), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = url.host, !host.isEmpty, url.user == nil,
            url.password == nil, url.query == nil, url.fragment == nil
        else {
            complain(
                .paymentGatewayURL,
                "is not an address such as https://gateway.example/v1 (no name, password, query or fragment in it)")
            return nil
        }
        if stage == .production, scheme == "http", !Self.isLoopback(host) {
            complain(.paymentGatewayURL, "has to begin with https:// in production, or lead to this machine")
        }
        let text = optional(.paymentGatewayURL) ?? ""
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// Whether a name or address, in brackets or not, leads to this machine.
    static func isLoopback(_ host: String) -> Bool {
        ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host.lowercased())
    }

    /// A secret that another program knows as well.
    mutating func sharedSecret(_ key: ConfigurationKey, ifPlaceholder complaint: String) -> String? {
        guard let secret = optional(key) else { return nil }
        if secret.utf8.count < 16 || !secret.utf8.allSatisfy({ (33...126).contains($0) }) {
            complain(key, "is not 16 or more visible ASCII characters")
        } else if Self.isPlaceholder(secret) {
            complain(key, complaint)
        }
        return secret
    }
}
