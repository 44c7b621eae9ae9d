import Foundation
import Notifications
import ProcessDriver
import PurchaseContracts
import SMTPAdapter
import SagaChoreography
import TestServers
import Testing

@Suite(.enabled(if: MailServer.requirement.allowsTests, "\(MailServer.requirement.explanation)"))
struct `Mail on a real server` {
    @Test(arguments: NotificationLanguage.allCases)
    func `arrives as it was meant, in each language`(_ language: NotificationLanguage) async throws {
        try await MailServer.with { server in
            let message = notification()
            try await server.notifier(language: language).send(message)
            let received = try server.received()
            #expect(received.count == 1)
            let mail = try #require(received.first)
            #expect(mail.sender == "orders@shop.example" && mail.recipients == ["kim@mail.example"])
            #expect(mail.client == "shop.example")
            #expect(mail.from == "가게 <orders@shop.example>" && mail.to == "kim@mail.example")
            #expect(mail.id == "<\(message.id.uuidString.lowercased())@shop.example>")
            #expect(mail.date == "2026-11-25T09:46:40+00:00")
            #expect(mail.language == language.rawValue)
            let letter = NotificationText(language).letter(for: message)
            #expect(mail.subject == letter.subject)
            #expect(mail.text == letter.body)
            #expect(Set(mail.headers).count == mail.headers.count)
        }
    }

    @Test(arguments: MailServer.Encryption.allCases)
    func `is protected as configured, with a login`(_ encryption: MailServer.Encryption) async throws {
        let login = (user: "shop", password: "p\u{E4}ss w\"rd:1")
        try await MailServer.with(encryption, login: login) { server in
            let kind = try #require(SMTPSettings.Encryption(rawValue: encryption.rawValue))
            let settings = try server.settings(
                kind, login: .init(user: login.user, password: login.password),
                trusts: encryption == .none ? nil : server.certificate)
            try await server.notifier(settings).send(notification())
            let received = try server.received()
            let mail = try #require(received.first)
            #expect(mail.isEncrypted == (encryption != .none))
            #expect(mail.user == "shop")
        }
    }

    @Test(arguments: [SMTPSettings.Encryption.startTLS, .tls])
    func `goes to no server whose certificate is not believed`(_ encryption: SMTPSettings.Encryption) async throws {
        try await MailServer.with(encryption == .tls ? .tls : .starttls) { server in
            let stranger = try MailServer(.tls)
            for settings in [
                try server.settings(encryption), try server.settings(encryption, trusts: stranger.certificate),
                // The right certificate, for another name.
                try server.settings(encryption, trusts: server.certificate, host: "127.0.0.2"),
            ] {
                let failed = try await failure { try await server.notifier(settings).send(notification()) }
                #expect(failed?.kind == .transient(retryAfter: nil))
            }
            #expect(try server.received().isEmpty)
            try await stranger.remove()
        }
    }

    @Test func `is not sent in the clear where STARTTLS is required`() async throws {
        try await MailServer.with(.none) { server in
            let failed = try await failure {
                try await server.notifier(try server.settings(.startTLS)).send(notification())
            }
            #expect(failed?.kind == .transient(retryAfter: nil))
            #expect(try server.received().isEmpty)
        }
    }

    @Test func `a wrong password is somebody's to put right, and is not told`() async throws {
        try await MailServer.with(.starttls, login: (user: "shop", password: "right")) { server in
            let settings = try server.settings(
                .startTLS, login: .init(user: "shop", password: "hunter2-is-wrong"), trusts: server.certificate)
            let caught = try await failure { try await server.notifier(settings).send(notification()) }
            let failed = try #require(caught)
            #expect(failed.kind == .transient(retryAfter: nil))
            #expect(failed.description == "the server answered 535 5.7.8, logging in")
        }
    }

    @Test func `a recipient that is refused for good is refused for good, without being named`() async throws {
        try await MailServer.with { server in
            let notifier = try server.notifier()
            try server.answer("kim@mail.example", at: "recipient", with: "550 5.1.1 <kim@mail.example> unknown")
            var failed = try await failure { try await notifier.send(notification()) }
            #expect(failed == SendingFailure(.permanent, "the server answered 550 5.1.1, naming the recipient"))
            try server.answer("kim@mail.example", at: "content", with: "554 5.6.0 spam")
            failed = try await failure { try await notifier.send(notification()) }
            #expect(failed == SendingFailure(.permanent, "the server answered 554 5.6.0, handing over the message"))
            try server.answer("*", at: "sender", with: "550 5.7.1 not from you")
            failed = try await failure { try await notifier.send(notification()) }
            #expect(failed?.kind == .transient(retryAfter: nil))
            #expect(try server.received().isEmpty)
        }
    }

    @Test(arguments: ["recipient", "content"])
    func `a recipient that is refused for now is tried again with the same id`(_ stage: String) async throws {
        try await MailServer.with { server in
            let (notifier, message) = (try server.notifier(), notification())
            try server.answer("kim@mail.example", at: stage, with: "451 4.3.0 later")
            let failed = try await failure { try await notifier.send(message) }
            #expect(failed?.kind == .transient(retryAfter: nil))
            try server.answerNormally()
            try await notifier.send(message)
            try await notifier.send(message)
            #expect(try server.received().count == 2)
            #expect(Set(try server.received().map(\.id)).count == 1)
            #expect(Set(try server.received().map(\.raw)).count == 1)
        }
    }

    @Test func `a server that says nothing is not waited for longer than configured`() async throws {
        try await MailServer.with { server in
            try server.answer("kim@mail.example", at: "recipient", with: "silence")
            let notifier = try server.notifier(try server.settings(timeout: .milliseconds(500)))
            let failed = try await failure { try await notifier.send(notification()) }
            #expect(failed == SendingFailure(.transient(retryAfter: nil), "Timeout was reached, naming the recipient"))
        }
    }

    @Test func `a server that is away is found again`() async throws {
        let server = try MailServer()
        let notifier = try server.notifier()
        let failed = try await failure { try await notifier.send(notification()) }
        #expect(failed?.kind == .transient(retryAfter: nil))
        for _ in 0..<2 {
            try await server.start()
            // The first may find the connection of before dead.
            _ = try await waiting(for: "a mail to get through") {
                try await failure { try await notifier.send(notification()) } == nil ? true : nil
            }
            try await server.stop()
        }
        #expect(try server.received().count == 2)
        await notifier.close()
        try await server.remove()
    }

    @Test func `connections are used again, and no more are made than configured`() async throws {
        try await MailServer.with { server in
            let notifier = try server.notifier()
            #expect(notifier.width == 2)
            await withThrowingTaskGroup { group in
                for _ in 0..<12 { group.addTask { try await notifier.send(notification()) } }
            }
            let received = try server.received()
            #expect(received.count == 12)
            #expect(Set(received.map(\.peer)).count == 2)
        }
    }

    @Test func `lines that begin with a dot stay what they are`() async throws {
        try await MailServer.with { server in
            let notifier = try server.notifier()
            let text = ".\n..\n.a\n\n.\nend\n"
            let recipient = try #require(kim)
            let mail = MailMessage(
                id: UUID(), date: Timestamp(milliseconds: 0), from: try server.settings().sender, to: recipient,
                subject: ".", body: text, language: "en")
            try await notifier.deliver(mail)
            #expect(try server.received().map(\.text) == [text])
            #expect(try server.received().map(\.raw) == [Data(mail.bytes)])
        }
    }

    @Test func `a user without an address gets mail by the pattern, or none`() async throws {
        try await MailServer.with { server in
            let message = notification()
            let failed = try await failure { try await server.notifier(to: nil).send(message) }
            #expect(failed?.kind == .unaddressed)
            let notifier = SMTPNotifier(
                try server.settings(), language: .english, directory: OneAddress(),
                fallback: RecipientPattern("{user}@customers.example"))
            try await notifier.send(message)
            #expect(try server.received().map(\.to) == ["\(message.userID)@customers.example"])
        }
    }
}
