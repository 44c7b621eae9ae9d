import Foundation
import PurchaseContracts
import SMTPAdapter
import WebhookNotifier

extension ConfigurationParser {
    /// By which channels users are told, and what each needs. Keys of a channel are checked whenever they are set, and required
    /// once it is chosen.
    mutating func notifications(_ stage: PurchaseConfiguration.Stage) -> NotificationChoice {
        let isEnabled = boolean(.notificationEnabled)
        let chosen = notificationChannels()
        let channels = isEnabled ? chosen : []
        let language: PurchaseConfiguration.Language = choice(.notificationLanguage) ?? .ko
        let mail = mail(stage, isRequired: channels.contains("email"))
        let webhook = webhook(stage, isRequired: channels.contains("webhook"))
        return NotificationChoice(
            language: language, hasConsole: channels.contains("console"),
            mail: channels.contains("email") ? mail : nil, webhook: channels.contains("webhook") ? webhook : nil)
    }

    private mutating func notificationChannels() -> Set<String> {
        let all: Set<String> = ["console", "email", "webhook"]
        return value(.notificationType, expected: "all, or some of console, email, webhook with commas between") {
            text in
            if text == "all" { return all }
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return Set(names).count == names.count && all.isSuperset(of: names) ? Set(names) : nil
        } ?? []
    }

    private mutating func mail(
        _ stage: PurchaseConfiguration.Stage, isRequired: Bool
    ) -> NotificationChoice.Mail? {
        let host = mailHost()
        let encryption = mailEncryption(stage, host)
        let port = mailPort(encryption)
        let sender = mailSender()
        let credentials = mailCredentials()
        let connect = Duration.milliseconds(integer(.smtpConnectTimeout, in: 100...600_000))
        let timeout = Duration.milliseconds(integer(.smtpTimeout, in: 100...600_000))
        let authorities = readable(.smtpCAFile)
        let fallback = optional(.smtpFallbackTo).flatMap { text -> RecipientPattern? in
            let pattern = RecipientPattern(text)
            if pattern == nil {
                complain(.smtpFallbackTo, "'\(text)' is not a mail address such as {user}@customers.example")
            }
            return pattern
        }
        guard isRequired else { return nil }
        for key in [ConfigurationKey.smtpHost, .smtpFrom] where sources.find(key) == nil {
            complain(key, "is required with NOTIFICATION_TYPE=email or all")
        }
        guard let host, let sender else { return nil }
        return .init(
            server: SMTPSettings(
                host: host, port: port, encryption: encryption, credentials: credentials,
                certificateAuthorities: authorities, sender: sender, connectTimeout: connect, timeout: timeout),
            fallback: fallback)
    }

    private mutating func mailHost() -> String? {
        guard let host = optional(.smtpHost) else { return nil }
        let isPlain = host.utf8.allSatisfy { byte in
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:".utf8.contains(byte)
        }
        guard isPlain, host.utf8.count <= 253 else {
            complain(.smtpHost, "'\(host)' is not a name or an address such as mail.example")
            return nil
        }
        return host
    }

    private mutating func mailEncryption(
        _ stage: PurchaseConfiguration.Stage, _ host: String?
    ) -> SMTPSettings.Encryption {
        guard let encryption: SMTPSettings.Encryption = choice(.smtpTLS) else { return .startTLS }
        if encryption == .none, stage == .production, let host, !Self.isLoopback(host) {
            complain(.smtpTLS, "has to be starttls or tls in production, or SMTP_HOST lead to this machine")
        }
        return encryption
    }

    private mutating func mailPort(_ encryption: SMTPSettings.Encryption) -> Int {
        guard optional(.smtpPort) == nil else { return integer(.smtpPort, in: 1...65_535) }
        let usual =
            switch encryption {
            case .none: 25
            case .startTLS: 587
            case .tls: 465
            }
        _ = assume(.smtpPort, String(usual))
        return usual
    }

    private mutating func mailSender() -> Mailbox? {
        guard let text = optional(.smtpFrom) else { return nil }
        let mailbox = Mailbox(text)
        if mailbox == nil {
            complain(.smtpFrom, "'\(text)' is not orders@shop.example or A Shop <orders@shop.example>")
        }
        return mailbox
    }

    /// Both or none.
    private mutating func mailCredentials() -> SMTPSettings.Credentials? {
        let user = optional(.smtpUser)
        let password = optional(.smtpPass)
        if user == nil, password != nil { complain(.smtpUser, "is required as well: it and SMTP_PASS belong together") }
        if user != nil, password == nil { complain(.smtpPass, "is required as well: it and SMTP_USER belong together") }
        if let password, Self.isPlaceholder(password), Set(password.utf8).count >= 8 {
            complain(.smtpPass, "looks like a placeholder; take the one that the mail server knows")
        }
        guard let user, let password else { return nil }
        return .init(user: user, password: password)
    }

    private mutating func webhook(
        _ stage: PurchaseConfiguration.Stage, isRequired: Bool
    ) -> WebhookNotifier.Settings? {
        let url = webhookURL(stage)
        let secret = sharedSecret(
            .notificationWebhookSecret,
            ifPlaceholder: "looks like a placeholder; make one with: openssl rand -base64 48")
        let timeout = Duration.milliseconds(integer(.notificationWebhookTimeout, in: 100...600_000))
        guard isRequired else { return nil }
        for key in [ConfigurationKey.notificationWebhookURL, .notificationWebhookSecret]
        where sources.find(key) == nil {
            complain(key, "is required with NOTIFICATION_TYPE=webhook or all")
        }
        guard let url, let secret else { return nil }
        return .init(url: url, secret: secret, timeout: timeout)
    }

    /// What is wrong with it is said without showing it: receivers put secrets into paths.
    private mutating func webhookURL(_ stage: PurchaseConfiguration.Stage) -> String? {
        guard let text = optional(.notificationWebhookURL) else { return nil }
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = url.host, !host.isEmpty, url.user == nil,
            url.password == nil, url.fragment == nil
        else {
            complain(
                .notificationWebhookURL,
                "is not an address such as https://push.example/orders (no name, password or fragment in it)")
            return nil
        }
        if stage == .production, scheme == "http", !Self.isLoopback(host) {
            complain(.notificationWebhookURL, "has to begin with https:// in production, or lead to this machine")
        }
        return text
    }

    private mutating func readable(_ key: ConfigurationKey) -> String? {
        guard let path = optional(key) else { return nil }
        if !FileManager.default.isReadableFile(atPath: path) { complain(key, "'\(path)' cannot be read") }
        return path
    }
}
