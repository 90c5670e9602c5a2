using DevOps.Core.Deployments;
using DevOps.Core.Insights;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Insights;

/// <summary>What happens now and what wants somebody.</summary>
/// <param name="Running">Deployments that run.</param>
/// <param name="Waiting">Deployments that wait for a worker or a yes, oldest first.</param>
/// <param name="Matrix">Projects with what is current in each of their environments.</param>
/// <param name="Troubles">Servers that want a look.</param>
public sealed record DashboardNow(
    IReadOnlyList<RunningDeployment> Running, IReadOnlyList<WaitingDeployment> Waiting, IReadOnlyList<MatrixProject> Matrix, IReadOnlyList<Server> Troubles)
{
    /// <summary>How many go on at this moment.</summary>
    public int GoingOn => Running.Count(r => r.WaitingFor is null);

    /// <summary>How many wait, before their start or on their way.</summary>
    public int Held => Waiting.Count + Running.Count - GoingOn;

    /// <summary>How many wait for a word that the person who looks may give.</summary>
    public int ForMe => Waiting.Count(w => w.ForMe) + Running.Count(r => r.ForMe);
}

/// <summary>A deployment that runs.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Project">Name of the project for people.</param>
/// <param name="Environment">Name of the environment.</param>
/// <param name="StartedAt">When a worker took it (UTC).</param>
/// <param name="Step">The step under way, or null between two.</param>
/// <param name="Done">Share of the steps that are over, 0 to 1.</param>
/// <param name="Usual">Median of the last ten successes in the environment.</param>
/// <param name="WaitingFor">What it stopped for on its way; null while it goes on.</param>
/// <param name="ForMe">Whether it waits for a word that the person who looks may give.</param>
public sealed record RunningDeployment(long Id, string Project, string Environment, DateTimeOffset StartedAt, StepName? Step, double Done, TimeSpan? Usual, Sentence? WaitingFor, bool ForMe);

/// <summary>A deployment that waits.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Project">Name of the project for people.</param>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Status">Queued, or waiting for a yes.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="CreatedAt">When (UTC).</param>
/// <param name="ForMe">Whether the person who looks may say yes.</param>
public sealed record WaitingDeployment(long Id, string Project, string Environment, DeploymentStatus Status, string RequestedBy, DateTimeOffset CreatedAt, bool ForMe);

/// <summary>A row of the matrix.</summary>
/// <param name="Key">Key of the project.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="MayDeploy">Whether the person who looks may deploy it.</param>
/// <param name="Cells">Its environments, in their order.</param>
public sealed record MatrixProject(string Key, string Name, bool MayDeploy, IReadOnlyList<MatrixCell> Cells);

/// <summary>What is current in an environment.</summary>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Release">Number of the release that became current last, or null when none ever did.</param>
/// <param name="Since">When (UTC).</param>
/// <param name="Healthy">False when any server is unhealthy, null when no check was asked for.</param>
/// <param name="Drifted">Whether a server runs something else.</param>
/// <param name="Behind">How many releases the environment before it is ahead.</param>
/// <param name="NewestId">Number of the newest deployment, whatever became of it.</param>
/// <param name="NewestStatus">Where that stands.</param>
/// <param name="NewestPaused">Whether it stopped on its way for a person or a time.</param>
/// <param name="NewestBy">Who asked for it.</param>
/// <param name="NewestAt">When it ended or was asked for (UTC).</param>
public sealed record MatrixCell(
    string Environment, int? Release, DateTimeOffset? Since, bool? Healthy, bool Drifted, int Behind, long? NewestId, DeploymentStatus? NewestStatus, bool NewestPaused, string? NewestBy, DateTimeOffset? NewestAt);

/// <summary>Figures of the last two weeks.</summary>
/// <param name="Days">Outcomes of the last fourteen days.</param>
/// <param name="Week">The last seven days.</param>
/// <param name="WeekBefore">The seven days before those.</param>
/// <param name="Projects">The busiest projects of the last seven days, busiest first.</param>
public sealed record DashboardFigures(IReadOnlyList<DayOutcomes> Days, DeliveryReport Week, DeliveryReport WeekBefore, IReadOnlyList<ProjectFigures> Projects);

/// <summary>A project within the last seven days.</summary>
/// <param name="Key">Key of the project.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Deployments">Deployments that ended.</param>
/// <param name="Failed">Those of them that failed.</param>
/// <param name="Median">How long a success took.</param>
public sealed record ProjectFigures(string Key, string Name, int Deployments, int Failed, TimeSpan? Median);
