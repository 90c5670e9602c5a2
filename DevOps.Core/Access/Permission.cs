namespace DevOps.Core.Access;

/// <summary>A single right. Verbs ask for permissions, never for roles.</summary>
public enum Permission
{
    /// <summary>See a project, its environments, releases and deployments.</summary>
    ProjectRead,

    /// <summary>Create, change and delete projects and their environments.</summary>
    ProjectEdit,

    /// <summary>Start a deployment.</summary>
    Deploy,

    /// <summary>Cancel, retry and roll back a deployment.</summary>
    DeploymentControl,

    /// <summary>Say yes or no to a deployment that waits for it.</summary>
    Approve,

    /// <summary>Deploy in spite of a freeze.</summary>
    FreezeOverride,

    /// <summary>See servers and their last check.</summary>
    ServerRead,

    /// <summary>Add, change, check and delete servers and confirm host keys.</summary>
    ServerEdit,

    /// <summary>See which credentials there are (never their values).</summary>
    CredentialRead,

    /// <summary>Add and delete credentials.</summary>
    CredentialEdit,

    /// <summary>See, add, change, test and delete notification channels.</summary>
    NotificationEdit,

    /// <summary>Read the audit log.</summary>
    AuditRead,

    /// <summary>Create, change and delete users.</summary>
    UserEdit,

    /// <summary>Change what concerns the whole installation.</summary>
    SettingsEdit,
}
