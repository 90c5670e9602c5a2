namespace DevOps.Core.Events;

/// <summary>What kind of thing changed.</summary>
public enum ChangeKind
{
    /// <summary>A deployment, its steps or its servers.</summary>
    Deployment,

    /// <summary>A project or one of its environments.</summary>
    Project,

    /// <summary>A server.</summary>
    Server,

    /// <summary>A credential.</summary>
    Credential,

    /// <summary>What runs of a project on a server.</summary>
    Application,

    /// <summary>A schedule of a project.</summary>
    Schedule,

    /// <summary>An account and what belongs to it: roles, state, personal tokens, sessions. The id may be 0.</summary>
    Account,

    /// <summary>A webhook that was received.</summary>
    Delivery,

    /// <summary>A notification channel, or how far one of its messages has come.</summary>
    Channel,

    /// <summary>A backup of the database.</summary>
    Backup,
}

/// <summary>Says that a row is not what it was. Carries no content: who wants to know reads again.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Id">Its row id.</param>
/// <param name="ProjectId">The project it belongs to, if any.</param>
public sealed record Change(ChangeKind Kind, long Id, long? ProjectId = null);
