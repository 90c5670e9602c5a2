using DevOps.Core.Access;

namespace DevOps.Tests.Blazor.Access.Walk;

/// <summary>Every address of the application and who gets in. A new endpoint or page needs its line here, or <see cref="AccessWalkTests"/> fails and names it.
/// The body is the least that can be read, so that the permission and not the body decides; <c>MARK</c> in it becomes the name of everything in the walk's world.</summary>
internal static class AccessTable
{
    private const string Nothing = "{}";
    private const string EmptyProject = """{"repository": {"url": ""}, "deploy": {"path": ""}}""";

    public static IReadOnlyList<Door> Doors { get; } =
    [
        // Without signing in.
        Anybody("GET /healthz"),
        Anybody("GET /readyz"),
        Anybody("GET /metrics"),
        Anybody("GET /openapi/{documentName}.json"),
        Anybody("POST /logout"),
        Anybody("GET /login/with/{provider}").Absent(),
        Anybody("POST /api/v1/auth/token", Nothing),

        // Access.
        SignedIn("GET /api/v1/me"),
        SignedIn("GET /api/v1/me/tokens"),
        SignedIn("POST /api/v1/me/tokens", Nothing),
        SignedIn("GET /api/v1/me/tokens/{id:long}").Absent(),
        SignedIn("DELETE /api/v1/me/tokens/{id:long}").Absent(),
        SignedIn("GET /api/v1/me/sessions"),
        SignedIn("DELETE /api/v1/me/sessions"),
        SignedIn("GET /api/v1/me/sessions/{id:guid}").Absent(),
        SignedIn("DELETE /api/v1/me/sessions/{id:guid}").Absent(),
        Platform(Permission.SettingsEdit, "GET /api/v1/signing-keys"),
        Platform(Permission.SettingsEdit, "POST /api/v1/signing-keys"),
        Platform(Permission.SettingsEdit, "GET /api/v1/signing-keys/{kid}").Absent(),
        Platform(Permission.UserEdit, "GET /api/v1/users"),
        Platform(Permission.UserEdit, "POST /api/v1/users", Nothing),
        Platform(Permission.UserEdit, "GET /api/v1/users/{username}"),
        Platform(Permission.UserEdit, "PUT /api/v1/users/{username}", Nothing),
        Platform(Permission.UserEdit, "DELETE /api/v1/users/{username}"),
        Platform(Permission.UserEdit, "POST /api/v1/users/{username}/invitation"),
        Platform(Permission.UserEdit, "DELETE /api/v1/users/{username}/two-factor"),
        Platform(Permission.UserEdit, "DELETE /api/v1/users/{username}/forge-role"),
        Platform(Permission.SettingsEdit, "GET /api/v1/settings/two-factor"),
        Platform(Permission.SettingsEdit, "PUT /api/v1/settings/two-factor", """{"requiredFrom": null}"""),
        Platform(Permission.AuditRead, "GET /api/v1/audit"),

        // Projects.
        SignedIn("GET /api/v1/projects"),
        Platform(Permission.ProjectEdit, "POST /api/v1/projects", EmptyProject),
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}"),
        Project(Permission.ProjectEdit, "PUT /api/v1/projects/{key}", EmptyProject),
        Project(Permission.ProjectEdit, "DELETE /api/v1/projects/{key}"),
        Project(Permission.Deploy, "POST /api/v1/projects/{key}/check"),

        // Environments.
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/environments"),
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/environments/{name}"),
        Project(Permission.ProjectEdit, "PUT /api/v1/projects/{key}/environments/{name}", Nothing),
        Project(Permission.ProjectEdit, "DELETE /api/v1/projects/{key}/environments/{name}"),
        Project(Permission.DeploymentControl, "POST /api/v1/projects/{key}/environments/{name}/lock", Nothing),
        Project(Permission.DeploymentControl, "DELETE /api/v1/projects/{key}/environments/{name}/lock"),

        // Webhooks.
        Proof("POST /webhooks/{provider}/{projectKey}", Nothing),
        Project(Permission.ProjectEdit, "POST /api/v1/projects/{key}/webhook-secret"),
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/deliveries"),
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/deliveries/{id:long}"),
        Project(Permission.Deploy, "POST /api/v1/projects/{key}/deliveries/{id:long}/redeliver"),
        Project(Permission.ProjectRead, "POST /api/v1/projects/{key}/deliveries/try", """{"triggers": {}}"""),

        // Releases.
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/releases"),
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/releases/{number:int}"),
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/releases/{number:int}/artifact"),

        // Deployments.
        Project(Permission.Deploy, "POST /api/v1/projects/{key}/deployments", """{"environment": "MARK"}"""),
        SignedIn("GET /api/v1/deployments"),
        Project(Permission.ProjectRead, "GET /api/v1/deployments/{id:long}"),
        Project(Permission.ProjectRead, "GET /api/v1/deployments/{id:long}/log"),
        Project(Permission.DeploymentControl, "POST /api/v1/deployments/{id:long}/cancel"),
        Project(Permission.Approve, "POST /api/v1/deployments/{id:long}/approve", Nothing),
        Project(Permission.Approve, "POST /api/v1/deployments/{id:long}/reject", Nothing),
        Project(Permission.DeploymentControl, "POST /api/v1/deployments/{id:long}/continue", Nothing),
        Project(Permission.DeploymentControl, "POST /api/v1/deployments/{id:long}/retry", Nothing),
        Project(Permission.DeploymentControl, "POST /api/v1/deployments/{id:long}/rollback"),

        SignedIn("GET /api/v1/events"),

        // Applications.
        SignedIn("GET /api/v1/applications"),
        Project(Permission.ProjectRead, "GET /api/v1/applications/{project}/{environment}/{server}"),
        Project(Permission.DeploymentControl, "POST /api/v1/applications/{project}/{environment}/{server}/control", """{"action": "status"}"""),
        Project(Permission.ProjectRead, "GET /api/v1/applications/{project}/{environment}/{server}/log"),

        SignedIn("GET /api/v1/insights"),

        // Schedules.
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/schedules"),
        Project(Permission.ProjectEdit, "POST /api/v1/projects/{key}/schedules", """{"name": "", "environment": "", "cron": ""}"""),
        Project(Permission.ProjectRead, "GET /api/v1/projects/{key}/schedules/{name}"),
        Project(Permission.ProjectEdit, "PUT /api/v1/projects/{key}/schedules/{name}", """{"environment": "", "cron": ""}"""),
        Project(Permission.ProjectEdit, "DELETE /api/v1/projects/{key}/schedules/{name}"),

        // Servers.
        Platform(Permission.ServerRead, "GET /api/v1/servers"),
        Platform(Permission.ServerEdit, "POST /api/v1/servers", Nothing),
        Platform(Permission.ServerRead, "GET /api/v1/servers/{name}"),
        Platform(Permission.ServerEdit, "PUT /api/v1/servers/{name}", Nothing),
        Platform(Permission.ServerEdit, "DELETE /api/v1/servers/{name}"),
        Platform(Permission.ServerEdit, "GET /api/v1/servers/{name}/host-key"),
        Platform(Permission.ServerEdit, "POST /api/v1/servers/{name}/host-key", """{"fingerprint": ""}"""),
        Platform(Permission.ServerEdit, "POST /api/v1/servers/{name}/check"),

        // Credentials.
        Platform(Permission.CredentialRead, "GET /api/v1/credentials"),
        Platform(Permission.CredentialEdit, "POST /api/v1/credentials", Nothing),
        Platform(Permission.CredentialRead, "GET /api/v1/credentials/{name}"),
        Platform(Permission.CredentialEdit, "DELETE /api/v1/credentials/{name}"),

        // Settings.
        Platform(Permission.SettingsEdit, "GET /api/v1/settings"),
        Platform(Permission.SettingsEdit, "PUT /api/v1/settings", Nothing),
        Platform(Permission.SettingsEdit, "GET /api/v1/backups"),
        Platform(Permission.SettingsEdit, "POST /api/v1/backups"),

        // Notifications.
        Platform(Permission.NotificationEdit, "GET /api/v1/notifications/channels"),
        Platform(Permission.NotificationEdit, "POST /api/v1/notifications/channels", Nothing),
        Platform(Permission.NotificationEdit, "GET /api/v1/notifications/channels/{name}"),
        Platform(Permission.NotificationEdit, "PUT /api/v1/notifications/channels/{name}", Nothing),
        Platform(Permission.NotificationEdit, "DELETE /api/v1/notifications/channels/{name}"),
        Platform(Permission.NotificationEdit, "POST /api/v1/notifications/channels/{name}/test"),
        Platform(Permission.NotificationEdit, "GET /api/v1/notifications/channels/{name}/deliveries"),

        // Pages.
        Anybody("PAGE /login"),
        Anybody("PAGE /login/code"),
        Anybody("PAGE /invitation/{Token}"),
        Anybody("PAGE /setup"),
        Anybody("PAGE /not-found"),
        Anybody("PAGE /error"),
        SignedIn("PAGE /"),
        SignedIn("PAGE /account"),
        SignedIn("PAGE /account/two-factor"),
        Platform(Permission.UserEdit, "PAGE /users"),
        Platform(Permission.UserEdit, "PAGE /users/new"),
        Platform(Permission.UserEdit, "PAGE /users/{Username}"),
        Platform(Permission.AuditRead, "PAGE /audit"),
        SignedIn("PAGE /projects"),
        Platform(Permission.ProjectEdit, "PAGE /projects/new"),
        Project(Permission.ProjectRead, "PAGE /projects/{Key}"),
        Project(Permission.ProjectRead, "PAGE /projects/{Key}/{Tab}"),
        Project(Permission.ProjectEdit, "PAGE /projects/{Key}/environments/new"),
        Project(Permission.ProjectEdit, "PAGE /projects/{Key}/environments/{Name}"),
        Project(Permission.ProjectRead, "PAGE /projects/{Key}/deliveries/{Id:long}"),
        SignedIn("PAGE /deployments"),
        SignedIn("PAGE /approvals"),
        Project(Permission.ProjectRead, "PAGE /deployments/{Id:long}"),
        SignedIn("PAGE /insights"),
        SignedIn("PAGE /schedules"),
        SignedIn("PAGE /applications"),
        Project(Permission.ProjectRead, "PAGE /applications/{Project}/{Environment}/{Server}"),
        Platform(Permission.ServerRead, "PAGE /servers"),
        Platform(Permission.ServerEdit, "PAGE /servers/new"),
        Platform(Permission.ServerRead, "PAGE /servers/{Name}"),
        Platform(Permission.ServerEdit, "PAGE /servers/{Name}/edit"),
        Platform(Permission.ServerEdit, "PAGE /servers/{Name}/host-key"),
        Platform(Permission.CredentialRead, "PAGE /credentials"),
        Platform(Permission.CredentialEdit, "PAGE /credentials/new"),
        Platform(Permission.SettingsEdit, "PAGE /settings"),
        Platform(Permission.NotificationEdit, "PAGE /notifications"),
        Platform(Permission.NotificationEdit, "PAGE /notifications/new"),
        Platform(Permission.NotificationEdit, "PAGE /notifications/{Name}"),
    ];

    private static Door Anybody(string address, string? body = null) => new(Entry.Anybody, null, address, body);

    private static Door Proof(string address, string? body = null) => new(Entry.Proof, null, address, body);

    private static Door SignedIn(string address, string? body = null) => new(Entry.SignedIn, null, address, body);

    private static Door Platform(Permission permission, string address, string? body = null) => new(Entry.Platform, permission, address, body);

    private static Door Project(Permission permission, string address, string? body = null) => new(Entry.Project, permission, address, body);
}
