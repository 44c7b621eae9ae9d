import Coupons
import Hummingbird
import PurchaseContracts
import Users

/// Coupons given to users, by name or to everyone.
struct AdminCouponIssueController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .post, "/admin/coupons/{id}/issue", .coupons,
                "Give a coupon to users: at once to those named, by a job to everyone", access: .role(.admin),
                body: CouponIssueInput.schema,
                answers: [
                    .ok(CouponIssueBody.schema),
                    Route.Answer(status: .accepted, schema: IssueJobBody.schema, headers: ["Location"]),
                ], problems: [409], handler: issue),
            Route(
                .get, "/admin/coupons/{id}/issue-jobs/{jobId}", .coupons, "How far an issue to everyone has come",
                access: .role(.admin), answers: [.ok(IssueJobBody.schema)], handler: job),
        ]
    }

    @Sendable private func issue(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.require(.admin).userID
        let coupon = try context.pathID("id", as: CouponID.self)
        let language = Language(request.headers)
        switch try CouponIssueInput.read(try await request.json(in: context).value) {
        case .everyone:
            let job = try await api.coupons.run(IssueToEveryone(coupon: coupon, actor: admin))
            return try .json(
                IssueJobBody(job, in: language), status: .accepted, headers: [.location: IssueJobBody.path(of: job)])
        case .users(let users):
            let standing = try await api.databases[UsersParticipant.service].read {
                try UserDirectoryQueries($0).standing(of: users)
            }
            let answers = try await api.coupons.run(
                IssueCoupons(coupon: coupon, users: users.filter { standing[$0] == true }, actor: admin))
            var seen: Set<UserID> = []
            let results = users.filter { seen.insert($0).inserted }.map { user -> CouponIssueBody.Result in
                switch (standing[user], answers[user]) {
                case (nil, _): .init(user, .refused(.userNotFound), in: language)
                case (_, let answer?): .init(user, answer, in: language)
                case (_, nil): .init(user, .refused(.userInactive), in: language)
                }
            }
            return try .json(CouponIssueBody(coupon, results))
        }
    }

    @Sendable private func job(_ request: Request, _ context: APIContext) async throws -> Response {
        let coupon = try context.pathID("id", as: CouponID.self)
        let id = try context.pathID("jobId", as: IssueJobID.self)
        guard
            let job = try await api.databases[CouponsParticipant.service].read({
                try CouponQueries($0).issueJob(id, of: coupon)
            })
        else {
            throw APIError(.notFound, .issueJobNotFound)
        }
        return try .json(IssueJobBody(job, in: Language(request.headers)))
    }
}
