//! The table of calls: what answers each of them.
//!
//! `read` runs in place and ends with the client's interest; `change` runs to its end even when the client hangs
//! up; `refuse` answers that the call is not supported and what to use instead.

use super::service::{Service, refusal};
use super::{
    alias, collection, compaction, database, flush, index, load, partition, query, resource_group, search,
    segment, system, write,
};
use crate::guard;
use elanus_proto::common::Status;
use elanus_proto::feder;
use elanus_proto::milvus as m;
use elanus_proto::milvus::milvus_service_server::MilvusService;
use std::pin::Pin;
use tonic::codegen::tokio_stream::Stream;
use tonic::{Request, Response, Streaming};

type Answer<R> = Result<Response<R>, tonic::Status>;

macro_rules! handle {
    (read, $service:expr, $name:expr, $request:expr, $handler:expr) => {{
        let (call, message) = $service.open($request);
        guard::answer($name, $handler(call, message)).await
    }};
    (change, $service:expr, $name:expr, $request:expr, $handler:expr) => {{
        let (call, message) = $service.open($request);
        guard::answer_to_the_end($name, $handler(call, message)).await
    }};
    (refuse, $service:expr, $name:expr, $request:expr, $instead:expr) => {{
        drop($request);
        guard::answer($name, async { Err(refusal($name, $instead)) }).await
    }};
}

#[cfg(test)]
macro_rules! supported {
    (refuse) => {
        false
    };
    ($other:ident) => {
        true
    };
}

macro_rules! routes {
    ($($kind:ident $name:ident $method:ident($request:ty) -> $reply:ty = $what:expr;)*) => {
        #[tonic::async_trait]
        impl MilvusService for Service {
            $(async fn $method(&self, request: Request<$request>) -> Answer<$reply> {
                Ok(Response::new(handle!($kind, self, stringify!($name), request, $what)))
            })*

            type CreateReplicateStreamStream = Refused<m::ReplicateResponse>;
            async fn create_replicate_stream(
                &self,
                _: Request<Streaming<m::ReplicateRequest>>,
            ) -> Answer<Self::CreateReplicateStreamStream> {
                Err(refused_stream("CreateReplicateStream"))
            }

            type DumpMessagesStream = Refused<m::DumpMessagesResponse>;
            async fn dump_messages(&self, _: Request<m::DumpMessagesRequest>) -> Answer<Self::DumpMessagesStream> {
                Err(refused_stream("DumpMessages"))
            }
        }

        /// Every call that answers once, and whether it is supported.
        #[cfg(test)]
        pub(crate) const ROUTES: &[(&str, bool)] = &[$((stringify!($name), supported!($kind))),*];
    };
}

type Refused<R> = Pin<Box<dyn Stream<Item = Result<R, tonic::Status>> + Send>>;

/// A stream has no answer that could carry a status: these two calls alone are refused on the gRPC level.
fn refused_stream(method: &str) -> tonic::Status {
    tonic::Status::unimplemented(refusal(method, "Elanus has no change stream").message())
}

routes! {
    refuse Dummy dummy(m::DummyRequest) -> m::DummyResponse = "call GetVersion";
    refuse RegisterLink register_link(m::RegisterLinkRequest) -> m::RegisterLinkResponse = "connect to this address directly";
    refuse GetMetrics get_metrics(m::GetMetricsRequest) -> m::GetMetricsResponse = "scrape /metrics";
    read GetComponentStates get_component_states(m::GetComponentStatesRequest) -> m::ComponentStates = system::get_component_states;
    read GetVersion get_version(m::GetVersionRequest) -> m::GetVersionResponse = system::get_version;
    read CheckHealth check_health(m::CheckHealthRequest) -> m::CheckHealthResponse = system::check_health;
    read Connect connect(m::ConnectRequest) -> m::ConnectResponse = system::connect;
    read AllocTimestamp alloc_timestamp(m::AllocTimestampRequest) -> m::AllocTimestampResponse = system::alloc_timestamp;

    change CreateDatabase create_database(m::CreateDatabaseRequest) -> Status = database::create_database;
    change DropDatabase drop_database(m::DropDatabaseRequest) -> Status = database::drop_database;
    read ListDatabases list_databases(m::ListDatabasesRequest) -> m::ListDatabasesResponse = database::list_databases;
    change AlterDatabase alter_database(m::AlterDatabaseRequest) -> Status = database::alter_database;
    read DescribeDatabase describe_database(m::DescribeDatabaseRequest) -> m::DescribeDatabaseResponse = database::describe_database;

    change CreateCollection create_collection(m::CreateCollectionRequest) -> Status = collection::create_collection;
    change DropCollection drop_collection(m::DropCollectionRequest) -> Status = collection::drop_collection;
    read HasCollection has_collection(m::HasCollectionRequest) -> m::BoolResponse = collection::has_collection;
    read DescribeCollection describe_collection(m::DescribeCollectionRequest) -> m::DescribeCollectionResponse = collection::describe_collection;
    read BatchDescribeCollection batch_describe_collection(m::BatchDescribeCollectionRequest) -> m::BatchDescribeCollectionResponse = collection::batch_describe_collection;
    read GetCollectionStatistics get_collection_statistics(m::GetCollectionStatisticsRequest) -> m::GetCollectionStatisticsResponse = collection::get_collection_statistics;
    read ShowCollections show_collections(m::ShowCollectionsRequest) -> m::ShowCollectionsResponse = collection::show_collections;
    change AlterCollection alter_collection(m::AlterCollectionRequest) -> Status = collection::alter_collection;
    refuse AlterCollectionField alter_collection_field(m::AlterCollectionFieldRequest) -> Status = "create a collection with the new schema and insert the rows again";
    refuse AddCollectionFunction add_collection_function(m::AddCollectionFunctionRequest) -> Status = "compute function outputs before inserting";
    refuse AlterCollectionFunction alter_collection_function(m::AlterCollectionFunctionRequest) -> Status = "compute function outputs before inserting";
    refuse DropCollectionFunction drop_collection_function(m::DropCollectionFunctionRequest) -> Status = "collections have no functions";
    change TruncateCollection truncate_collection(m::TruncateCollectionRequest) -> m::TruncateCollectionResponse = collection::truncate_collection;
    change AddCollectionField add_collection_field(m::AddCollectionFieldRequest) -> Status = collection::add_collection_field;
    refuse AddCollectionStructField add_collection_struct_field(m::AddCollectionStructFieldRequest) -> Status = "create a collection with the struct array and insert the rows again";
    change RenameCollection rename_collection(m::RenameCollectionRequest) -> Status = collection::rename_collection;
    change AlterCollectionSchema alter_collection_schema(m::AlterCollectionSchemaRequest) -> m::AlterCollectionSchemaResponse = collection::alter_collection_schema;

    change CreatePartition create_partition(m::CreatePartitionRequest) -> Status = partition::create_partition;
    change DropPartition drop_partition(m::DropPartitionRequest) -> Status = partition::drop_partition;
    read HasPartition has_partition(m::HasPartitionRequest) -> m::BoolResponse = partition::has_partition;
    change LoadPartitions load_partitions(m::LoadPartitionsRequest) -> Status = load::load_partitions;
    change ReleasePartitions release_partitions(m::ReleasePartitionsRequest) -> Status = load::release_partitions;
    read GetPartitionStatistics get_partition_statistics(m::GetPartitionStatisticsRequest) -> m::GetPartitionStatisticsResponse = partition::get_partition_statistics;
    read ShowPartitions show_partitions(m::ShowPartitionsRequest) -> m::ShowPartitionsResponse = partition::show_partitions;

    change CreateAlias create_alias(m::CreateAliasRequest) -> Status = alias::create_alias;
    change DropAlias drop_alias(m::DropAliasRequest) -> Status = alias::drop_alias;
    change AlterAlias alter_alias(m::AlterAliasRequest) -> Status = alias::alter_alias;
    read DescribeAlias describe_alias(m::DescribeAliasRequest) -> m::DescribeAliasResponse = alias::describe_alias;
    read ListAliases list_aliases(m::ListAliasesRequest) -> m::ListAliasesResponse = alias::list_aliases;

    change CreateIndex create_index(m::CreateIndexRequest) -> Status = index::create_index;
    change AlterIndex alter_index(m::AlterIndexRequest) -> Status = index::alter_index;
    read DescribeIndex describe_index(m::DescribeIndexRequest) -> m::DescribeIndexResponse = index::describe_index;
    read GetIndexStatistics get_index_statistics(m::GetIndexStatisticsRequest) -> m::GetIndexStatisticsResponse = index::get_index_statistics;
    read GetIndexState get_index_state(m::GetIndexStateRequest) -> m::GetIndexStateResponse = index::get_index_state;
    read GetIndexBuildProgress get_index_build_progress(m::GetIndexBuildProgressRequest) -> m::GetIndexBuildProgressResponse = index::get_index_build_progress;
    change DropIndex drop_index(m::DropIndexRequest) -> Status = index::drop_index;
    refuse ListIndexedSegment list_indexed_segment(feder::ListIndexedSegmentRequest) -> feder::ListIndexedSegmentResponse = "call DescribeIndex";
    refuse DescribeSegmentIndexData describe_segment_index_data(feder::DescribeSegmentIndexDataRequest) -> feder::DescribeSegmentIndexDataResponse = "call DescribeIndex";

    change LoadCollection load_collection(m::LoadCollectionRequest) -> Status = load::load_collection;
    change ReleaseCollection release_collection(m::ReleaseCollectionRequest) -> Status = load::release_collection;
    refuse Prewarm prewarm(m::PrewarmRequest) -> m::PrewarmResponse = "call LoadCollection";
    refuse DescribePrewarmTask describe_prewarm_task(m::DescribePrewarmTaskRequest) -> m::DescribePrewarmTaskResponse = "call GetLoadState";
    read GetLoadingProgress get_loading_progress(m::GetLoadingProgressRequest) -> m::GetLoadingProgressResponse = load::get_loading_progress;
    read GetLoadState get_load_state(m::GetLoadStateRequest) -> m::GetLoadStateResponse = load::get_load_state;
    read GetReplicas get_replicas(m::GetReplicasRequest) -> m::GetReplicasResponse = load::get_replicas;
    refuse LoadBalance load_balance(m::LoadBalanceRequest) -> Status = "one node serves everything";

    change Insert insert(m::InsertRequest) -> m::MutationResult = write::insert;
    change Delete delete(m::DeleteRequest) -> m::MutationResult = write::delete;
    change Upsert upsert(m::UpsertRequest) -> m::MutationResult = write::upsert;

    read Search search(m::SearchRequest) -> m::SearchResults = search::search;
    read HybridSearch hybrid_search(m::HybridSearchRequest) -> m::SearchResults = search::hybrid_search;
    read Query query(m::QueryRequest) -> m::QueryResults = query::query;
    refuse CalcDistance calc_distance(m::CalcDistanceRequest) -> m::CalcDistanceResults = "compute distances in the client, or search";
    refuse RunAnalyzer run_analyzer(m::RunAnalyzerRequest) -> m::RunAnalyzerResponse = "text is not analyzed";
    refuse ComputePhraseMatchSlop compute_phrase_match_slop(m::ComputePhraseMatchSlopRequest) -> m::ComputePhraseMatchSlopResponse = "text is not analyzed";

    refuse CreateResourceGroup create_resource_group(m::CreateResourceGroupRequest) -> Status = "one node serves everything from its default group";
    refuse DropResourceGroup drop_resource_group(m::DropResourceGroupRequest) -> Status = "one node serves everything from its default group";
    refuse UpdateResourceGroups update_resource_groups(m::UpdateResourceGroupsRequest) -> Status = "one node serves everything from its default group";
    refuse TransferNode transfer_node(m::TransferNodeRequest) -> Status = "one node serves everything from its default group";
    refuse TransferReplica transfer_replica(m::TransferReplicaRequest) -> Status = "one node serves everything from its default group";
    read ListResourceGroups list_resource_groups(m::ListResourceGroupsRequest) -> m::ListResourceGroupsResponse = resource_group::list_resource_groups;
    read DescribeResourceGroup describe_resource_group(m::DescribeResourceGroupRequest) -> m::DescribeResourceGroupResponse = resource_group::describe_resource_group;

    refuse CreateSnapshot create_snapshot(m::CreateSnapshotRequest) -> Status = "copy the data directory of a stopped server";
    refuse DropSnapshot drop_snapshot(m::DropSnapshotRequest) -> Status = "copy the data directory of a stopped server";
    refuse ListSnapshots list_snapshots(m::ListSnapshotsRequest) -> m::ListSnapshotsResponse = "copy the data directory of a stopped server";
    refuse DescribeSnapshot describe_snapshot(m::DescribeSnapshotRequest) -> m::DescribeSnapshotResponse = "copy the data directory of a stopped server";
    refuse RestoreSnapshot restore_snapshot(m::RestoreSnapshotRequest) -> m::RestoreSnapshotResponse = "copy the data directory of a stopped server";
    refuse RestoreExternalSnapshot restore_external_snapshot(m::RestoreExternalSnapshotRequest) -> m::RestoreExternalSnapshotResponse = "copy the data directory of a stopped server";
    refuse ExportSnapshot export_snapshot(m::ExportSnapshotRequest) -> m::ExportSnapshotResponse = "copy the data directory of a stopped server";
    refuse GetExportSnapshotState get_export_snapshot_state(m::GetExportSnapshotStateRequest) -> m::GetExportSnapshotStateResponse = "copy the data directory of a stopped server";
    refuse GetRestoreSnapshotState get_restore_snapshot_state(m::GetRestoreSnapshotStateRequest) -> m::GetRestoreSnapshotStateResponse = "copy the data directory of a stopped server";
    refuse ListRestoreSnapshotJobs list_restore_snapshot_jobs(m::ListRestoreSnapshotJobsRequest) -> m::ListRestoreSnapshotJobsResponse = "copy the data directory of a stopped server";
    refuse PinSnapshotData pin_snapshot_data(m::PinSnapshotDataRequest) -> m::PinSnapshotDataResponse = "copy the data directory of a stopped server";
    refuse UnpinSnapshotData unpin_snapshot_data(m::UnpinSnapshotDataRequest) -> Status = "copy the data directory of a stopped server";

    refuse BatchUpdateManifest batch_update_manifest(m::BatchUpdateManifestRequest) -> Status = "write rows with Insert";
    refuse RefreshExternalCollection refresh_external_collection(m::RefreshExternalCollectionRequest) -> m::RefreshExternalCollectionResponse = "insert the rows";
    refuse GetRefreshExternalCollectionProgress get_refresh_external_collection_progress(m::GetRefreshExternalCollectionProgressRequest) -> m::GetRefreshExternalCollectionProgressResponse = "insert the rows";
    refuse ListRefreshExternalCollectionJobs list_refresh_external_collection_jobs(m::ListRefreshExternalCollectionJobsRequest) -> m::ListRefreshExternalCollectionJobsResponse = "insert the rows";

    refuse ReplicateMessage replicate_message(m::ReplicateMessageRequest) -> m::ReplicateMessageResponse = "Elanus has no change stream";
    refuse UpdateReplicateConfiguration update_replicate_configuration(m::UpdateReplicateConfigurationRequest) -> Status = "Elanus has no change stream";
    refuse GetReplicateConfiguration get_replicate_configuration(m::GetReplicateConfigurationRequest) -> m::GetReplicateConfigurationResponse = "Elanus has no change stream";
    refuse GetReplicateInfo get_replicate_info(m::GetReplicateInfoRequest) -> m::GetReplicateInfoResponse = "Elanus has no change stream";

    refuse Import import(m::ImportRequest) -> m::ImportResponse = "write rows with Insert";
    refuse GetImportState get_import_state(m::GetImportStateRequest) -> m::GetImportStateResponse = "write rows with Insert";
    refuse ListImportTasks list_import_tasks(m::ListImportTasksRequest) -> m::ListImportTasksResponse = "write rows with Insert";

    refuse CreateNamespace create_namespace(m::CreateNamespaceRequest) -> m::CreateNamespaceResponse = "use a partition key";
    refuse DescribeNamespace describe_namespace(m::DescribeNamespaceRequest) -> m::DescribeNamespaceResponse = "use a partition key";
    refuse ListNamespaces list_namespaces(m::ListNamespacesRequest) -> m::ListNamespacesResponse = "use a partition key";
    refuse DropNamespace drop_namespace(m::DropNamespaceRequest) -> m::DropNamespaceResponse = "use a partition key";
    refuse HasNamespace has_namespace(m::HasNamespaceRequest) -> m::HasNamespaceResponse = "use a partition key";
    refuse GetNamespaceStats get_namespace_stats(m::GetNamespaceStatsRequest) -> m::GetNamespaceStatsResponse = "use a partition key";

    refuse CreateCredential create_credential(m::CreateCredentialRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse UpdateCredential update_credential(m::UpdateCredentialRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse DeleteCredential delete_credential(m::DeleteCredentialRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse ListCredUsers list_cred_users(m::ListCredUsersRequest) -> m::ListCredUsersResponse = "there are no users yet, so let only trusted clients reach the port";
    refuse CreateRole create_role(m::CreateRoleRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse AlterRole alter_role(m::AlterRoleRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse DropRole drop_role(m::DropRoleRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse OperateUserRole operate_user_role(m::OperateUserRoleRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse SelectRole select_role(m::SelectRoleRequest) -> m::SelectRoleResponse = "there are no users yet, so let only trusted clients reach the port";
    refuse SelectUser select_user(m::SelectUserRequest) -> m::SelectUserResponse = "there are no users yet, so let only trusted clients reach the port";
    refuse OperatePrivilege operate_privilege(m::OperatePrivilegeRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse OperatePrivilegeV2 operate_privilege_v2(m::OperatePrivilegeV2Request) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse SelectGrant select_grant(m::SelectGrantRequest) -> m::SelectGrantResponse = "there are no users yet, so let only trusted clients reach the port";
    refuse BackupRBAC backup_rbac(m::BackupRbacMetaRequest) -> m::BackupRbacMetaResponse = "there are no users yet, so let only trusted clients reach the port";
    refuse RestoreRBAC restore_rbac(m::RestoreRbacMetaRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse CreatePrivilegeGroup create_privilege_group(m::CreatePrivilegeGroupRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse DropPrivilegeGroup drop_privilege_group(m::DropPrivilegeGroupRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse ListPrivilegeGroups list_privilege_groups(m::ListPrivilegeGroupsRequest) -> m::ListPrivilegeGroupsResponse = "there are no users yet, so let only trusted clients reach the port";
    refuse OperatePrivilegeGroup operate_privilege_group(m::OperatePrivilegeGroupRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse AddUserTags add_user_tags(m::AddUserTagsRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse DeleteUserTags delete_user_tags(m::DeleteUserTagsRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse GetUserTags get_user_tags(m::GetUserTagsRequest) -> m::GetUserTagsResponse = "there are no users yet, so let only trusted clients reach the port";
    refuse ListUsersWithTag list_users_with_tag(m::ListUsersWithTagRequest) -> m::ListUsersWithTagResponse = "there are no users yet, so let only trusted clients reach the port";
    refuse CreateRowPolicy create_row_policy(m::CreateRowPolicyRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse DropRowPolicy drop_row_policy(m::DropRowPolicyRequest) -> Status = "there are no users yet, so let only trusted clients reach the port";
    refuse ListRowPolicies list_row_policies(m::ListRowPoliciesRequest) -> m::ListRowPoliciesResponse = "there are no users yet, so let only trusted clients reach the port";

    change Flush flush(m::FlushRequest) -> m::FlushResponse = flush::flush;
    change FlushAll flush_all(m::FlushAllRequest) -> m::FlushAllResponse = flush::flush_all;
    read GetFlushState get_flush_state(m::GetFlushStateRequest) -> m::GetFlushStateResponse = flush::get_flush_state;
    read GetFlushAllState get_flush_all_state(m::GetFlushAllStateRequest) -> m::GetFlushAllStateResponse = flush::get_flush_all_state;
    read GetPersistentSegmentInfo get_persistent_segment_info(m::GetPersistentSegmentInfoRequest) -> m::GetPersistentSegmentInfoResponse = segment::get_persistent_segment_info;
    read GetQuerySegmentInfo get_query_segment_info(m::GetQuerySegmentInfoRequest) -> m::GetQuerySegmentInfoResponse = segment::get_query_segment_info;
    read GetCompactionState get_compaction_state(m::GetCompactionStateRequest) -> m::GetCompactionStateResponse = compaction::get_compaction_state;
    change ManualCompaction manual_compaction(m::ManualCompactionRequest) -> m::ManualCompactionResponse = compaction::manual_compaction;
    read GetCompactionStateWithPlans get_compaction_state_with_plans(m::GetCompactionPlansRequest) -> m::GetCompactionPlansResponse = compaction::get_compaction_state_with_plans;

    refuse AddFileResource add_file_resource(m::AddFileResourceRequest) -> Status = "text is not analyzed";
    refuse RemoveFileResource remove_file_resource(m::RemoveFileResourceRequest) -> Status = "text is not analyzed";
    refuse ListFileResources list_file_resources(m::ListFileResourcesRequest) -> m::ListFileResourcesResponse = "text is not analyzed";
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_proto::METHODS;
    use std::collections::BTreeMap;

    const COMPAT: &str = include_str!("../../../../COMPAT.md");
    const STREAMS: [&str; 2] = ["CreateReplicateStream", "DumpMessages"];

    #[test]
    fn the_compatibility_page_has_a_row_for_every_call_with_its_state() {
        let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
        let stated: BTreeMap<&str, &str> = COMPAT
            .lines()
            .map(cells)
            .filter(|cells| cells.get(2).is_some_and(|state| state.ends_with("supported")))
            .filter_map(|cells| Some((*cells.get(1)?, *cells.get(2)?)))
            .collect();
        let state = |supported| if supported { "supported" } else { "not supported" };
        let routes = ROUTES.iter().map(|(name, supported)| (*name, state(*supported)));
        let expected: BTreeMap<&str, &str> = routes.chain(STREAMS.map(|name| (name, state(false)))).collect();
        assert_eq!(stated, expected);
        let mut methods = METHODS.to_vec();
        methods.sort_unstable();
        assert_eq!(methods, expected.into_keys().collect::<Vec<_>>());
    }
}
