using DevOps.Core.Projects;

namespace DevOps.Blazor.Projects;

/// <summary>The fields of the way onto servers while they are typed.</summary>
public sealed class DeployModel
{
    private HealthSpec _health = new();
    private ControlSpec _control = new();

    public string Path { get; set; } = "/srv/{project}";

    public int KeepReleases { get; set; } = 5;

    public IReadOnlyList<string> Shared { get; set; } = [];

    public IReadOnlyList<string> BeforeActivate { get; set; } = [];

    public IReadOnlyList<string> Restart { get; set; } = [];

    public IReadOnlyList<string> AfterActivate { get; set; } = [];

    public string ControlStart { get => _control.Start; set => _control = _control with { Start = value }; }

    public string ControlStop { get => _control.Stop; set => _control = _control with { Stop = value }; }

    public string ControlStatus { get => _control.Status; set => _control = _control with { Status = value }; }

    public string ControlLog { get => _control.Log; set => _control = _control with { Log = value }; }

    public string HealthUrl { get => _health.Url; set => _health = _health with { Url = value }; }

    public string HealthCommand { get => _health.Command; set => _health = _health with { Command = value }; }

    public int HealthTimeoutSeconds { get => _health.TimeoutSeconds; set => _health = _health with { TimeoutSeconds = value }; }

    public int HealthRetries { get => _health.Retries; set => _health = _health with { Retries = value }; }

    public int HealthIntervalSeconds { get => _health.IntervalSeconds; set => _health = _health with { IntervalSeconds = value }; }

    public int First { get; set; } = new RollingSpec().First;

    public int SoakSeconds { get; set; }

    public bool ConfirmAfterFirst { get; set; }

    public string Batch { get; set; } = new RollingSpec().Batch;

    public int MaxFailures { get; set; }

    public bool RollbackOnFailure { get; set; } = true;

    public bool VerifyChecksums { get; set; } = true;

    public int CommandTimeoutSeconds { get; set; } = 600;

    /// <summary>The fields of a way that is there.</summary>
    public static DeployModel Of(DeploySpec deploy) => new()
    {
        _health = deploy.Health,
        _control = deploy.Control,
        Path = deploy.Path,
        KeepReleases = deploy.KeepReleases,
        Shared = deploy.Shared,
        BeforeActivate = deploy.BeforeActivate,
        Restart = deploy.Restart,
        AfterActivate = deploy.AfterActivate,
        First = deploy.Rolling.First,
        SoakSeconds = deploy.Rolling.SoakSeconds,
        ConfirmAfterFirst = deploy.Rolling.ConfirmAfterFirst,
        Batch = deploy.Rolling.Batch,
        MaxFailures = deploy.Rolling.MaxFailures,
        RollbackOnFailure = deploy.RollbackOnFailure,
        VerifyChecksums = deploy.VerifyChecksums,
        CommandTimeoutSeconds = deploy.CommandTimeoutSeconds,
    };

    /// <summary>What the verbs take.</summary>
    public DeploySpec Spec() => new()
    {
        Path = Path,
        KeepReleases = KeepReleases,
        Shared = Shared,
        BeforeActivate = BeforeActivate,
        Restart = Restart,
        AfterActivate = AfterActivate,
        Control = _control,
        Health = _health,
        Rolling = new RollingSpec { Batch = Batch.Trim(), First = First, SoakSeconds = SoakSeconds, ConfirmAfterFirst = ConfirmAfterFirst, MaxFailures = MaxFailures },
        RollbackOnFailure = RollbackOnFailure,
        VerifyChecksums = VerifyChecksums,
        CommandTimeoutSeconds = CommandTimeoutSeconds,
    };
}
