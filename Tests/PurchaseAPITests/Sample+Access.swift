@testable import PurchaseAPI

extension Sample {
    private static let newcomer = #"{"name":"newcomer","password":"correct horse"}"#

    /// Of the paths of accounts and access.
    static let access: [String: Sample] = [
        "POST /auth/register": at({ _ in "/auth/register" }, body: { _ in newcomer }),
        "POST /auth/login": at({ _ in "/auth/login" }, needs: .newcomer, body: { _ in newcomer }),
        "POST /auth/session": at({ _ in "/auth/session" }, needs: .newcomer, body: { _ in newcomer }),
        "GET /auth/session": at { _ in "/auth/session" },
        "DELETE /auth/session": at { _ in "/auth/session" },
        "POST /auth/logout": at { _ in "/auth/logout" },
        "POST /auth/password": at(
            { _ in "/auth/password" }, needs: .newcomer,
            body: { _ in #"{"currentPassword":"correct horse","newPassword":"battery staple"}"# }),
        "GET /user/{id}/transactions": at { "/user/\($0.user)/transactions" },
        "GET /user/{id}/email": at { "/user/\($0.user)/email" },
        "DELETE /user/{id}/email": at { "/user/\($0.user)/email" },
        "PUT /user/{id}/email": at(
            { "/user/\($0.user)/email" }, body: { _ in #"{"email":"kim@shop.example"}"# }),
        "GET /admin/notifications": at { _ in "/admin/notifications" },
        "POST /admin/notifications/test": at { _ in "/admin/notifications/test" },
        "GET /admin/users": at { _ in "/admin/users" },
        "GET /admin/users/{id}": at { "/admin/users/\($0.user)" },
        "PATCH /admin/users/{id}": at(
            { "/admin/users/\($0.user)" }, body: { _ in #"{"slotCapacity":5}"# }),
        "POST /admin/users/{id}/deposit": at(
            { "/admin/users/\($0.user)/deposit" }, body: { _ in #"{"amount":1,"reason":"gift"}"# }),
    ]
}
