using DevOps.Core.Projects;

namespace DevOps.Core.Applications;

/// <summary>What can be done with what runs on a server, outside of deployments.</summary>
public enum ControlAction
{
    /// <summary>Starts it.</summary>
    Start,

    /// <summary>Stops it.</summary>
    Stop,

    /// <summary>Starts it anew.</summary>
    Restart,

    /// <summary>Asks how it is doing and which release is current; changes nothing.</summary>
    Status,
}

/// <summary>Which of a project's commands belong to an action.</summary>
public static class ControlCommands
{
    /// <summary>The commands, in order; none when the project has none for it.</summary>
    public static IReadOnlyList<string> Of(DeploySpec deploy, ControlAction action)
    {
        var control = deploy.Control;
        return action switch
        {
            ControlAction.Start => One(control.Start),
            ControlAction.Stop => One(control.Stop),
            ControlAction.Status => One(control.Status),
            _ => deploy.Restart,
        };
    }

    /// <summary>Where in a project an action's commands are set: <c>deploy.control.start</c>.</summary>
    public static string FieldOf(ControlAction action) => action switch
    {
        ControlAction.Start => "deploy.control.start",
        ControlAction.Stop => "deploy.control.stop",
        ControlAction.Status => "deploy.control.status",
        _ => "deploy.restart",
    };

    private static string[] One(string command) => string.IsNullOrWhiteSpace(command) ? [] : [command];
}
