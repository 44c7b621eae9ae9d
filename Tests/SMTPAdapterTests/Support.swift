import Foundation
import Notifications
import PurchaseContracts
import SMTPAdapter
import SagaChoreography
import TestServers

/// Everybody has the same address, or none.
struct OneAddress: RecipientDirectory {
    var address: EmailAddress?

    func emailAddress(of user: UserID) async throws -> EmailAddress? { address }
}

let kim = EmailAddress("kim@mail.example")

func notification(
    _ template: NotificationTemplate = .orderCompleted, item: String = "마법검", reason: RefusalCode? = nil
) -> NotificationMessage {
    NotificationMessage(
        id: UUID(), channel: "email", orderID: OrderID(UUID()), userID: UserID(UUID()), template: template,
        parameters: NotificationParameters(
            item: item, otherLines: 1, amount: Money(12_345), currency: .krw, reason: reason),
        createdAt: Timestamp(milliseconds: 1_795_600_000_000), attempts: 0)
}

extension MailServer {
    /// How this server is reached.
    nonisolated func settings(
        _ encryption: SMTPSettings.Encryption = .none, login: SMTPSettings.Credentials? = nil,
        trusts certificates: String? = nil, host: String = "127.0.0.1", timeout: Duration = .seconds(30)
    ) throws -> SMTPSettings {
        guard let sender = Mailbox("가게 <orders@shop.example>") else { throw NoMailbox() }
        return SMTPSettings(
            host: host, port: port, encryption: encryption, credentials: login, certificateAuthorities: certificates,
            sender: sender, timeout: timeout, connections: 2)
    }

    /// What sends to this server.
    nonisolated func notifier(
        _ settings: SMTPSettings? = nil, language: NotificationLanguage = .korean, to address: EmailAddress? = kim
    ) throws -> SMTPNotifier {
        SMTPNotifier(
            try settings ?? self.settings(), language: language, directory: OneAddress(address: address))
    }
}

struct NoMailbox: Error {}

/// What a sending failed with; `nil` if it did not.
func failure(_ send: () async throws -> Void) async throws -> SendingFailure? {
    do {
        try await send()
        return nil
    } catch let failure as SendingFailure {
        return failure
    }
}
