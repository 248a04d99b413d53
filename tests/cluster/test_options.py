"""How a cluster is to be is said by the environment, and how to end it is said by the cluster."""

import pytest

from deploy.cluster.options import WrongOption, read_options


def test_the_command_that_ends_a_cluster_names_its_data_where_they_are_not_the_usual_ones():
    assert read_options({}).stop_command == "make cluster-stop"
    assert read_options({"DATA": "data-cluster"}).stop_command == "make cluster-stop"
    assert read_options({"DATA": "/srv/two words"}).stop_command == "make cluster-stop DATA='/srv/two words'"


@pytest.mark.parametrize("wrong", [{"PORT": "80a"}, {"PORT": "65535"}, {"REPLICAS": "router"}, {"REPLICAS": "api=0"}])
def test_an_option_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(WrongOption):
        read_options(wrong)
