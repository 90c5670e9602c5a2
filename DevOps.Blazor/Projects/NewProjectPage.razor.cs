using DevOps.Blazor.Access;
using DevOps.Blazor.Environments;
using DevOps.Blazor.Ui;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Projects;

/// <summary>A new project by steps: repository, build, deploy, first environment. Each step is judged as it is left; the verb judges everything again.</summary>
public partial class NewProjectPage
{
    private static readonly string[][] FieldsOfStep = [["key", "name", "description", "repository"], ["build"], ["deploy"], []];

    private readonly FormState _form = new();
    private readonly ProjectModel _model = new();
    private readonly EnvironmentModel _environment = new() { Name = "production" };
    private Step _step;
    private string _template = "";
    private bool _created;

    private enum Step
    {
        Repository,
        Build,
        Deploy,
        Environment,
    }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private CreateProject Create { get; set; } = default!;

    [Inject]
    private CreateOrChangeEnvironment CreateEnvironment { get; set; } = default!;

    [Inject]
    private PlatformOptions Options { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private void Back() => _step--;

    private void Choose(ProjectTemplate template)
    {
        _template = template.Id;
        _model.Build = BuildModel.Of(template.Build, []);
        _model.Deploy = DeployModel.Of(template.Deploy);
    }

    private Task NextAsync()
    {
        if (_step == Step.Environment)
        {
            return FinishAsync(withEnvironment: true);
        }

        var good = FieldsOfStep[(int)_step].Select(f => _form.Check(f, faults => _model.Draft().Check(faults, Options.AllowFileRepositories))).ToList();
        if (good.TrueForAll(g => g))
        {
            _step++;
            if (_step == Step.Build && _template.Length == 0)
            {
                Choose(ProjectTemplates.All[0]);
            }
        }

        return Task.CompletedTask;
    }

    private async Task FinishAsync(bool withEnvironment)
    {
        var done = await _form.RunAsync(async () =>
        {
            var actor = await Actors.GetAsync();
            if (withEnvironment)
            {
                // Before anything is created: a fault in the environment must not leave half of the work.
                var faults = new Faults();
                _environment.Draft().Check(faults);
                faults.ThrowIfAny();
            }

            if (!_created)
            {
                await Create.RunAsync(actor, _model.Draft(), CancellationToken.None);
                _created = true;
            }

            if (withEnvironment)
            {
                await CreateEnvironment.RunAsync(actor, _model.Key.Trim(), _environment.Draft(), null, CancellationToken.None);
            }
        });
        if (done)
        {
            Navigation.NavigateTo(AppUrls.Project(_model.Key.Trim()));
        }
        else if (!_created)
        {
            ShowFirstFault();
        }
    }

    private void ShowFirstFault()
    {
        var step = Array.FindIndex(FieldsOfStep, fields => Array.Exists(fields, f => _form.FaultsOf(f).Count > 0));
        var keyTaken = _form.Refusal is Conflict { Reason: "exists" };
        if (step >= 0 || keyTaken)
        {
            _step = keyTaken ? Step.Repository : (Step)step;
        }
    }
}
