import Foundation
import ProcessDriver
import Testing

@Suite struct `A coupon for everyone, issued by a server that is killed again and again` {
    private struct Job: Decodable {
        struct Links: Decodable { let `self`: String }

        let state: String
        let total: Int?
        let handled: Int
        let issued: Int
        let links: Links
    }

    private struct Coupon: Decodable { let id: String }

    private struct Statistics: Decodable {
        struct Figures: Decodable {
            let issued: Int
            let active: Int
        }
        let remainingQuantity: Int
        let figures: Figures
    }

    /// How many users there are: `CHAOS_USERS`, 5,000 if that is not set.
    private static let users = ProcessInfo.processInfo.environment["CHAOS_USERS"].flatMap { Int($0) } ?? 5_000

    /// Where servers die by themselves, so that they do so in the middle however fast they are: the first after the test data,
    /// the coupon and a few batches, the others after two or three batches each, before and after a commit.
    private static let crashes = ["command.after-commit:12", "command.before-commit:3", "command.after-commit:3"]

    @Test(.timeLimit(.minutes(30)))
    func `reaches each user exactly once, and shows how far it has come`() async throws {
        let run = try CrashRun("issue")
        let seed = try await run.workspace.run(
            [
                "seed", "--users", "\(Self.users)", "--items", "0", "--coupons", "0", "--database",
                run.workspace.database,
            ],
            within: .seconds(900))
        try #require(seed.exit == .code(0), "\(seed.errors)")

        let first = try await run.start(["TEST_CRASH_POINT": Self.crashes[0]])
        let admin = try await run.shop.setUpTestData().tokens.admin
        let coupon = try await Self.createCoupon(run.shop, admin)
        let begun = try await run.shop.call(
            "POST", "/admin/coupons/\(coupon.id)/issue", token: admin, body: #"{"everyone":true}"#)
        try #require(begun.status == 202)
        let path = try begun.decoded(as: Job.self).links.`self`
        #expect(try await first.program.end(within: .seconds(60)) == .signal(SIGKILL))
        for crash in Self.crashes.dropFirst() {
            let program = try PurchaseProgram(
                ["serve", "--port", "0", "--env", "test", "--database", run.workspace.database],
                run.workspace.environment(["TEST_CRASH_POINT": crash]), in: run.workspace)
            #expect(try await program.end(within: .seconds(60)) == .signal(SIGKILL))
        }

        let (server, kills, time) = try await Self.kill(
            run,
            while: { handled in
                let job = try await run.shop.get(path, token: admin, as: Job.self)
                #expect(job.handled >= handled, "what was shown is never taken back")
                return job
            })
        try await Self.expectOneEach(run, server, job: path, coupon, admin)
        print(
            "\(Self.users) users, \(Self.crashes.count + kills) kills, \(time) of issuing after the third, "
                + "peak memory \(await server.program.peakMemory / 1_048_576) MB")
        #expect(try await server.stop() == .code(0))
        run.workspace.remove()
    }

    /// Kills one server after another, each when it has issued another eighth, until the job is done.
    ///
    /// - Returns: the last server, which runs; how often was killed; how long was issued.
    private static func kill(
        _ run: CrashRun, while look: (Int) async throws -> Job
    ) async throws -> (Server, Int, Duration) {
        var server = try await run.start()
        var time = Duration.zero
        var kills = 0
        var handled = 0
        while true {
            let start = ContinuousClock.now
            let goal = handled + max(1, users / 8)
            let job = try await waiting(
                for: "progress beyond \(handled)", within: .seconds(300), every: .milliseconds(1)
            ) {
                let job = try await look(handled)
                return job.state != "RUNNING" || job.handled >= goal ? job : nil
            }
            time += ContinuousClock.now - start
            if handled == 0 { #expect(job.handled > 0) }
            handled = job.handled
            guard job.state == "RUNNING" else { return (server, kills, time) }
            run.shop.moved(to: nil)
            try await server.kill()
            kills += 1
            server = try await run.start()
        }
    }

    private static func expectOneEach(
        _ run: CrashRun, _ server: Server, job path: String, _ coupon: Coupon, _ admin: String
    ) async throws {
        // The seed's administrator, and the user and administrator of the test data.
        let everyone = users + 3
        let end = try await run.shop.get(path, token: admin, as: Job.self)
        #expect(end.state == "COMPLETED")
        #expect(end.total == everyone)
        #expect(end.issued == everyone)
        let statistics = try await run.shop.get(
            "/admin/coupons/\(coupon.id)/statistics", token: admin, as: Statistics.self)
        #expect(statistics.figures.issued == everyone)
        #expect(statistics.figures.active == everyone)
        #expect(statistics.remainingQuantity == 1_000_000 - everyone)
        // One copy a user is a constraint of the database; that there are as many copies as counted, and so one for each
        // user, is among what is verified.
        let verify = try await run.workspace.run(
            ["verify", "--wait", "60", "--database", run.workspace.database], within: .seconds(300))
        #expect(verify.exit == .code(0), "\(verify.out)")
    }

    private static func createCoupon(_ shop: Storefront, _ admin: String) async throws -> Coupon {
        let created = try await shop.call(
            "POST", "/admin/coupons", token: admin,
            body: #"{"discountType":"PERCENTAGE","discountValue":10,"totalQuantity":1000000}"#)
        try #require(created.status == 201, "\(String(decoding: created.body, as: UTF8.self))")
        return try created.decoded(as: Coupon.self)
    }
}
