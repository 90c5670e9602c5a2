using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Blazor.Webhooks;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Projects;

/// <summary>Projects over HTTP.</summary>
public static class ProjectEndpoints
{
    /// <summary>Maps <c>/projects</c>.</summary>
    public static void MapProjects(this IEndpointRouteBuilder group)
    {
        var projects = group.MapGroup("/projects").WithTags("Projects");
        projects.MapGet("/", ListAsync).WithName("ListProjects").ProducesProblem(StatusCodes.Status400BadRequest);
        projects.MapPost("/", CreateAsync).WithName("CreateProject").WithExample(ProjectBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        projects.MapGet("/{key}", GetAsync).WithName("GetProject").ProducesProblem(StatusCodes.Status404NotFound);
        projects.MapPut("/{key}", ChangeAsync).WithName("ChangeProject").WithExample(ProjectBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        projects.MapDelete("/{key}", DeleteAsync).WithName("DeleteProject")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        projects.MapPost("/{key}/check", CheckAsync).WithName("CheckProject")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<Listing<ProjectAnswer>>> ListAsync(Caller caller, ProjectQueries projects, HttpRequest request, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var list = await projects.ListAsync(caller.Actor, PageRequest.Of(page, pageSize), search: null, cancellationToken);
        var url = await request.PublicUrlAsync();
        return TypedResults.Ok(new Listing<ProjectAnswer>([.. list.Items.Select(v => ProjectAnswer.Of(v, url))], list.Page, list.PageSize, list.Total));
    }

    private static async Task<Ok<ProjectAnswer>> GetAsync(string key, Caller caller, ProjectQueries projects, HttpResponse response, CancellationToken cancellationToken) =>
        TypedResults.Ok(await AnswerAsync(key, caller, projects, response, cancellationToken));

    private static async Task<Created<ProjectAnswer>> CreateAsync(
        ProjectBody body, Caller caller, CreateProject create, ProjectQueries projects, HttpResponse response, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.ProjectEdit);
        var key = body.Key ?? throw new InvalidInput("key", "This field is required.");
        await create.RunAsync(caller.Actor, body.Draft(key), cancellationToken);
        return TypedResults.Created($"/api/v1/projects/{key}", await AnswerAsync(key, caller, projects, response, cancellationToken));
    }

    private static async Task<Ok<ProjectAnswer>> ChangeAsync(
        string key, ProjectBody body, Caller caller, IfMatch ifMatch, ChangeProject change, ProjectQueries projects, HttpResponse response, CancellationToken cancellationToken)
    {
        await projects.GetAsync(caller.Actor, key, cancellationToken);
        if (body.Key is not null && !string.Equals(body.Key, key, StringComparison.Ordinal))
        {
            throw new InvalidInput("key", "A key cannot be changed. Leave it out or give the one in the address.");
        }

        await change.RunAsync(caller.Actor, body.Draft(key), ifMatch.Revision, cancellationToken);
        return TypedResults.Ok(await AnswerAsync(key, caller, projects, response, cancellationToken));
    }

    private static async Task<NoContent> DeleteAsync(string key, Caller caller, IfMatch ifMatch, DeleteProject delete, CancellationToken cancellationToken)
    {
        await delete.RunAsync(caller.Actor, key, ifMatch.Revision, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<RepositoryAnswer>> CheckAsync(string key, Caller caller, CheckRepository check, CancellationToken cancellationToken) =>
        TypedResults.Ok(new RepositoryAnswer(await check.RunAsync(caller.Actor, key, cancellationToken)));

    private static async Task<ProjectAnswer> AnswerAsync(string key, Caller caller, ProjectQueries projects, HttpResponse response, CancellationToken cancellationToken)
    {
        var view = await projects.GetAsync(caller.Actor, key, cancellationToken);
        response.SendTag(view.Project.Revision);
        return ProjectAnswer.Of(view, await response.HttpContext.Request.PublicUrlAsync());
    }
}
