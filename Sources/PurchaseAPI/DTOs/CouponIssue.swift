import Coupons
import PurchaseContracts
import SagaChoreography

/// The body of POST /admin/coupons/{id}/issue.
enum CouponIssueInput {
    case users([UserID])
    case everyone

    static let userIDsField = Field<[UserID]>.ids("userIds", count: 1...IssueCoupons.userLimit).optional
    static let everyoneField = Field.bool("everyone").optional

    static let schema = BodySchema(
        "CouponIssue",
        rules: [
            "oneOf": [
                [
                    "required": ["userIds"],
                    "properties": ["userIds": ["type": "array"], "everyone": ["enum": [false, .null]]],
                ],
                ["required": ["everyone"], "properties": ["everyone": ["const": true], "userIds": ["type": "null"]]],
            ]
        ],
        [userIDsField.property, everyoneField.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> CouponIssueInput {
        var fields = FieldReader(body, as: schema)
        let users = fields.read(userIDsField)
        let isForEveryone = fields.read(everyoneField) ?? false
        if isForEveryone, fields.has("userIds") { fields.report("userIds", .conflict) }
        if !isForEveryone, !fields.has("userIds") { fields.report("userIds", .required) }
        try fields.finish()
        if isForEveryone { return .everyone }
        guard let users else { throw .invalid([]) }
        return .users(users)
    }
}

/// What became of an issue to users by name, for each of them.
struct CouponIssueBody: Described {
    static let schema = Schema.object(
        "CouponIssueResult",
        [
            .required("couponId", .id), .required("issued", .count), .required("refused", .count),
            .required("results", .array(of: Result.schema)),
        ])

    struct Result: Described {
        static let schema = Schema.object(
            "CouponIssueAnswer",
            [
                .required("userId", .id), .required("issued", .bool), .optional("userCouponId", .id),
                .optional("code", .string), .optional("message", .string),
            ])

        let userId: String
        let issued: Bool
        let userCouponId: String?
        /// Why not.
        let code: String?
        let message: String?

        init(_ user: UserID, _ answer: IssueCoupons.Answer, in language: Language) {
            userId = user.description
            switch answer {
            case .issued(let copy): (issued, userCouponId, code, message) = (true, copy.description, nil, nil)
            case .refused(let refusal):
                (issued, userCouponId, code) = (false, nil, refusal.rawValue)
                message = Catalogue.wording(of: refusal.rawValue, in: language).detail([:])
            }
        }
    }

    let couponId: String
    let issued: Int
    let refused: Int
    /// In the order in which the users were first named.
    let results: [Result]

    init(_ coupon: CouponID, _ results: [Result]) {
        couponId = coupon.description
        issued = results.count(where: \.issued)
        refused = results.count - issued
        self.results = results
    }
}

/// How far an issue to everyone has come.
struct IssueJobBody: Described {
    static let schema = Schema.object(
        "CouponIssueJob",
        [
            .required("id", .id), .required("couponId", .id), .required("state", .choice(IssueJobState.self)),
            .optional("total", .count), .required("handled", .count), .required("issued", .count),
            .required("skipped", .array(of: Skipped.schema)), .optional("code", .string),
            .optional("message", .string), .required("startedAt", .time), .required("updatedAt", .time),
            .optional("endedAt", .time),
            .required("links", .object("CouponIssueJobLinks", [.required("self", .string)])),
        ])

    struct Skipped: Described {
        static let schema = Schema.object(
            "CouponIssueSkipped",
            [.required("code", .string), .required("message", .string), .required("count", .count)])

        let code: String
        let message: String
        let count: Int64
    }

    struct Links: Encodable {
        let `self`: String
    }

    let id: String
    let couponId: String
    let state: String
    /// Users there were when it began; missing until they are counted.
    let total: Int64?
    let handled: Int64
    let issued: Int64
    /// Users without a copy of this job, by reason.
    let skipped: [Skipped]
    /// Why it was stopped.
    let code: String?
    let message: String?
    let startedAt: String
    let updatedAt: String
    let endedAt: String?
    let links: Links

    init(_ job: IssueJob, in language: Language) {
        func message(of code: RefusalCode) -> String {
            Catalogue.wording(of: code.rawValue, in: language).detail([:])
        }
        id = job.id.description
        couponId = job.couponID.description
        state = job.state.rawValue
        total = job.total
        issued = job.issued
        handled = job.issued + job.alreadyClaimed
        var skips: [(RefusalCode, Int64)] = [(.couponAlreadyClaimed, job.alreadyClaimed)]
        if job.state == .outOfStock, let total = job.total {
            skips.append((.couponOutOfStock, max(0, total - job.issued - job.alreadyClaimed)))
        }
        skipped = skips.filter { $0.1 > 0 }.map {
            Skipped(code: $0.0.rawValue, message: message(of: $0.0), count: $0.1)
        }
        code = job.refusal?.rawValue
        self.message = job.refusal.map(message)
        startedAt = job.startedAt.description
        updatedAt = job.updatedAt.description
        endedAt = job.endedAt?.description
        links = Links(self: Self.path(of: job))
    }

    static func path(of job: IssueJob) -> String { "/admin/coupons/\(job.couponID)/issue-jobs/\(job.id)" }
}
